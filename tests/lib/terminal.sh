# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# A terminal of tmux with a shell, for tests of what draws on the screen.
#
# needs: tmux

export LC_CTYPE=C.UTF-8

terminal() {
	tmux -L test -f /dev/null "$@"
}

# terminal_open COLUMNS LINES
terminal_open() {
	terminal kill-server 2>/dev/null
	terminal start-server \; set-option -g default-terminal screen-256color \; \
		new-session -d -s test -x "$1" -y "$2" 'PS1="ready> " exec bash --norc' ||
		fail "tmux does not start"
	wait_for 10 shows '^ready>$' || fail "no shell in tmux: $(screen)"
}

terminal_close() {
	terminal kill-server
}

# keys KEY...: press them. type_in TEXT: type it.
keys() {
	terminal send-keys -t test "$@"
}

type_in() {
	terminal send-keys -t test -l "$1"
}

# Print what it shows.
screen() {
	terminal capture-pane -p -t test
}

# The same with escape sequences for colors.
colored_screen() {
	terminal capture-pane -e -p -t test
}

shows() { # REGEX
	screen | grep -Eq -- "$1"
}

must_show() { # REGEX
	wait_for 10 shows "$1" || fail "the screen does not show '$1': $(screen)"
}
