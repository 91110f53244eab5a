/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Control messages of sendmsg(2). */
#ifndef TESTS_CONTROL_H
#define TESTS_CONTROL_H

#include <string.h>
#include <sys/socket.h>

/* Add to MSG a control message of SOL_SOCKET. CONTROL has CMSG_SPACE(SIZE) bytes, all 0. */
static inline void put_control(struct msghdr *msg, char *control, int type, const void *data,
			       size_t size)
{
	struct cmsghdr *c;

	msg->msg_control = control;
	msg->msg_controllen = CMSG_SPACE(size);
	c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(c), data, size);
}

#endif
