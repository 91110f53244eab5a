// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* metrics --listen: the metrics by HTTP, with libmicrohttpd. */
#include "metrics.h"

#ifndef HAVE_MICROHTTPD

int metrics_listen(const struct metrics *m, const char *address)
{
	(void)m;
	(void)address;
	return usage_error("metrics: --listen: bqdisc was built without libmicrohttpd; install its "
			   "headers and build again");
}

#else

#include <dlfcn.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIBRARY "libmicrohttpd.so.12"
#define CONNECTIONS_MAX 16
#define TIMEOUT_S 10
#define SYSTEMD_FD 3 /* SD_LISTEN_FDS_START */

#define OPENMETRICS "application/openmetrics-text"

/* --- the library --- */

#define FUNCTIONS(DO)                                                                              \
	DO(start_daemon)                                                                           \
	DO(stop_daemon)                                                                            \
	DO(lookup_connection_value)                                                                \
	DO(create_response_from_buffer)                                                            \
	DO(add_response_header)                                                                    \
	DO(queue_response)                                                                         \
	DO(destroy_response)

/* Loaded for --listen only: linked, it and its dependencies would slow down each command. */
static struct {
#define DECLARE(name) __typeof__(MHD_##name) *name;
	FUNCTIONS(DECLARE)
} mhd;

static bool load_library(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW);
	bool ok = library;

#define LOAD(name) ok = ok && (mhd.name = dlsym(library, "MHD_" #name));
	FUNCTIONS(LOAD)
	if (!ok)
		fprintf(stderr, "bqdisc: --listen: %s; install libmicrohttpd\n", dlerror());
	return ok;
}

/* --- requests --- */

/* Answer with TEXT, which libmicrohttpd frees. */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int status,
			      const char *type, char *text, size_t size)
{
	struct MHD_Response *response =
		mhd.create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result = MHD_NO;

	if (!response) {
		free(text);
		return MHD_NO;
	}
	if (mhd.add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type))
		result = mhd.queue_response(connection, status, response);
	mhd.destroy_response(response);
	return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned int status,
				   const char *text)
{
	char *copy = strdup(text);

	return copy ? answer(connection, status, "text/plain", copy, strlen(copy)) : MHD_NO;
}

static enum MHD_Result answer_metrics(struct MHD_Connection *connection, const struct metrics *m)
{
	const char *accept =
		mhd.lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	bool open = accept && strstr(accept, OPENMETRICS);
	char *text = NULL;
	size_t size = 0;

	if (!metrics_buffer(m, open ? METRICS_OPENMETRICS : METRICS_TEXT, &text, &size))
		return answer(connection, MHD_HTTP_OK,
			      open ? OPENMETRICS "; version=1.0.0; charset=utf-8"
				   : "text/plain; version=0.0.4; charset=utf-8",
			      text, size);
	free(text);
	return answer_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
			   "failed; the log of bqdisc has the reason\n");
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *size, void **state)
{
	(void)version;
	(void)data;
	(void)size;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "use GET\n");
	if (strcmp(url, "/metrics") != 0)
		return answer_text(connection, MHD_HTTP_NOT_FOUND, "metrics are at /metrics\n");
	return answer_metrics(connection, arg);
}

/* --- the socket --- */

/* Take the socket that systemd passed, as in sd_listen_fds(3). Return 0 or the exit status. */
static int systemd_socket(int *fd)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	*fd = SYSTEMD_FD;
	if (pid && n && strtol(pid, NULL, 10) == getpid() && !strcmp(n, "1"))
		return 0;
	return usage_error("--listen: systemd passed no socket; start bqdisc-metrics.socket");
}

/* Split "[ADDRESS:]PORT"; an address of IPv6 is in brackets. Cuts TEXT. */
static void split_address(char *text, const char **host, const char **port)
{
	char *colon = strrchr(text, ':');
	size_t len;

	*host = "127.0.0.1";
	*port = text;
	if (!colon)
		return;
	*colon = '\0';
	*port = colon + 1;
	len = strlen(text);
	if (len > 1 && text[0] == '[' && text[len - 1] == ']') {
		text[len - 1] = '\0';
		text++;
	}
	*host = text;
}

/* Check the port, as getaddrinfo() cuts it to 16 bits. */
static bool is_port(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	return *text >= '0' && *text <= '9' && !*end && port && port <= UINT16_MAX;
}

static int bind_socket(const struct addrinfo *to)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0)
		return -1;
	if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) &&
	    !bind(fd, to->ai_addr, to->ai_addrlen) && !listen(fd, CONNECTIONS_MAX))
		return fd;
	close(fd);
	return -1;
}

/* Open a socket at ADDRESS. Return 0 or the exit status. */
static int open_socket(const char *address, int *fd)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *to = NULL;
	const char *host, *port;
	char text[256];

	snprintf(text, sizeof(text), "%s", address);
	split_address(text, &host, &port);
	if (!is_port(port) || getaddrinfo(host, port, &hints, &to))
		return usage_error("--listen: invalid address '%s'; give ADDRESS:PORT, such as "
				   "127.0.0.1:9766",
				   address);
	*fd = bind_socket(to);
	if (*fd < 0)
		fprintf(stderr, "bqdisc: --listen: cannot listen on '%s': %s\n", address,
			strerror(errno));
	freeaddrinfo(to);
	return *fd < 0 ? BQDISC_ERROR_REFUSED : 0;
}

/* --- the server --- */

/* Serve on the socket FD until a signal ends it. All requests are handled by one thread. */
static int serve(const struct metrics *m, int fd)
{
	struct MHD_Daemon *daemon;
	sigset_t signals;
	int signal;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	daemon = mhd.start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, handle, (void *)m,
				  MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
				  CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S,
				  MHD_OPTION_END);
	if (!daemon) {
		fputs("bqdisc: --listen: libmicrohttpd did not start\n", stderr);
		return BQDISC_ERROR_REFUSED;
	}
	sigwait(&signals, &signal);
	mhd.stop_daemon(daemon); /* closes FD, too */
	return 0;
}

int metrics_listen(const struct metrics *m, const char *address)
{
	bool systemd = !strcmp(address, "systemd");
	char *text = NULL;
	size_t size = 0;
	int fd, status;

	if (!load_library())
		return BQDISC_ERROR_UNSUPPORTED;
	status = systemd ? systemd_socket(&fd) : open_socket(address, &fd);
	if (status)
		return status;
	/* Fail now if metrics cannot be read, and not with each request. */
	status = metrics_buffer(m, METRICS_TEXT, &text, &size);
	free(text);
	return status ? status : serve(m, fd);
}

#endif
