/* SPDX-License-Identifier: Apache-2.0 */
#include "util/term.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "support/harness.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/plural.h"

/* What print() writes to a stream that is no terminal. */
static char *printed_by(void (*print)(FILE *to, const void *ctx), const void *ctx)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	if (to == NULL)
		return mem_copy("no stream");
	print(to, ctx);
	fclose(to);
	return text;
}

/* A terminal of our own: *user is its end for programs. */
static bool open_terminal(int *master, FILE **user)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || grantpt(fd) != 0 || unlockpt(fd) != 0) {
		drop_fd(&fd);
		return false;
	}
	*master = fd;
	*user = fopen(ptsname(fd), "r+e");
	return *user != NULL;
}

static void set_environment(const char *no_color, const char *force, const char *term)
{
	const char *const pairs[][2] = { { "NO_COLOR", no_color },
		                         { "CLICOLOR_FORCE", force },
		                         { "TERM", term } };

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		if (pairs[i][1] == NULL)
			unsetenv(pairs[i][0]);
		else
			setenv(pairs[i][0], pairs[i][1], 1);
	}
}

static void print_safe(FILE *to, const void *ctx)
{
	term_safe(to, ctx);
}

TEST(lets_nothing_drive_the_terminal)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain \xc3\xa9", "plain \xc3\xa9" },
		{ "\x1b[2J\a\r\n\t", "?[2J????" },
		{ "\x7f", "?" },
		{ "\xc2\x9b"
		  "1m",
		  "?1m" }, /* C1: CSI */
		{ "\xe2\x80\xae"
		  "abc",
		  "?abc" }, /* right to left */
		{ "\xe2\x81\xa6", "?" },
		{ "\x9b", "?" },
		{ "\xe0\x82\x9b", "???" }, /* CSI, overlong */
		{ "\xed\xa0\x80", "???" },
		{ "\xe2\x82", "??" },
		{ "", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_str) char *got = printed_by(print_safe, cases[i].in);

		CHECK_STR(got, cases[i].out);
	}
}

TEST(counts_columns)
{
	CHECK(term_columns("") == 0);
	CHECK(term_columns("abc") == 3);
	CHECK(term_columns("\xc3\xa9") == 1);
	CHECK(term_columns("e\xcc\x81") == 1);        /* combining */
	CHECK(term_columns("\xe6\xbc\xa2") == 2);     /* CJK */
	CHECK(term_columns("\xf0\x9f\x98\x80") == 2); /* emoji */
	CHECK(term_columns("\xff\x1b") == 2);         /* shown as ?? */
}

static void print_table(FILE *to, const void *ctx)
{
	term_table_print(ctx, to, 2);
}

TEST(lines_up_the_columns_of_a_table)
{
	AUTO(term_table_free) struct term_table t = { 0 };

	set_environment(NULL, NULL, "xterm");
	term_table_row(&t, TERM_HEAD, 3, (const char *const[]){ "NAME", "N", "LAST" });
	term_table_row(&t, TERM_PLAIN, 3,
	               (const char *const[]){ "\xe6\xbc\xa2\xe6\xbc\xa2x", NULL,
	                                      "runs over the edge" });
	term_table_row(&t, TERM_PLAIN, 2, (const char *const[]){ "\x1b", "22" });
	term_table_style(&t, 1, TERM_BAD);
	term_table_style(&t, 9, TERM_BAD); /* not there */
	AUTO(drop_str) char *got = printed_by(print_table, &t);
	CHECK_STR(got, "  NAME   N   LAST\n"
	               "  \xe6\xbc\xa2\xe6\xbc\xa2x      runs over the edge\n"
	               "  ?      22  \n");
}

TEST(prints_an_empty_table_as_nothing)
{
	struct term_table t = { 0 };
	AUTO(drop_str) char *got = printed_by(print_table, &t);

	CHECK_STR(got, "");
}

struct wrapped {
	const char *text;
	unsigned indent, width;
};

static void print_wrapped(FILE *to, const void *ctx)
{
	const struct wrapped *w = ctx;

	term_wrap(to, w->indent, w->width, w->text);
}

TEST(breaks_lines_at_spaces)
{
	static const struct {
		struct wrapped in;
		const char *out;
	} cases[] = {
		{ { "", 2, 10 }, "" },
		{ { "one", 2, 10 }, "one" },
		{ { " one  two ", 2, 9 }, "one two" },
		{ { "one two", 2, 8 }, "one\n  two" },
		{ { "one two three", 0, 7 }, "one two\nthree" },
		{ { "longer-than-the-line x", 4, 6 }, "longer-than-the-line\n    x" },
		{ { "\xc3\xa4\xc3\xa4 \xc3\xa4", 0, 4 }, "\xc3\xa4\xc3\xa4 \xc3\xa4" },
		{ { "a\033[2Jb", 0, 80 }, "a?[2Jb" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_str) char *got = printed_by(print_wrapped, &cases[i].in);
		CHECK_STR(got, cases[i].out);
	}
}

TEST(colours_by_the_rules)
{
	static const struct {
		const char *no_color, *force, *term;
		bool off, terminal, color;
	} cases[] = {
		{ NULL, NULL, "xterm", false, true, true },
		{ NULL, NULL, NULL, false, true, true },
		{ "", NULL, "xterm", false, true, true },
		{ NULL, NULL, "xterm", false, false, false },
		{ NULL, NULL, "xterm", true, true, false },
		{ "1", NULL, "xterm", false, true, false },
		{ NULL, NULL, "dumb", false, true, false },
		{ NULL, "1", "xterm", false, false, true },
		{ NULL, "0", "xterm", false, false, false },
		{ "1", "1", "xterm", false, true, false },
		{ NULL, "1", "xterm", true, true, false },
	};
	FILE *user = NULL;
	AUTO(drop_fd) int master = -1;

	if (!open_terminal(&master, &user)) {
		puts("# skipped: no terminals here");
		return;
	}
	FILE *file = tmpfile();
	for (size_t i = 0; file != NULL && i < ARRAY_LEN(cases); i++) {
		set_environment(cases[i].no_color, cases[i].force, cases[i].term);
		term_no_color(cases[i].off);
		CHECK(term_has_color(cases[i].terminal ? user : file) ==
		      cases[i].color);
	}
	term_no_color(false);
	set_environment(NULL, NULL, "xterm");
	if (file != NULL)
		fclose(file);
	fclose(user);
}

static void print_bad(FILE *to, const void *ctx)
{
	term_print(to, TERM_BAD, ctx);
}

TEST(puts_colour_around_the_text_only)
{
	set_environment(NULL, "1", "xterm");
	AUTO(drop_str) char *colored = printed_by(print_bad, "a\x1b");
	set_environment(NULL, NULL, "xterm");
	AUTO(drop_str) char *plain = printed_by(print_bad, "a\x1b");

	CHECK_STR(colored, "\033[1;31ma?\033[0m");
	CHECK_STR(plain, "a?");
}

TEST(knows_the_width)
{
	FILE *user = NULL;
	AUTO(drop_fd) int master = -1;

	unsetenv("COLUMNS");
	FILE *file = tmpfile();
	if (file != NULL) {
		CHECK(term_width(file) == 80);
		setenv("COLUMNS", "123", 1);
		CHECK(term_width(file) == 123);
		setenv("COLUMNS", "-5", 1);
		CHECK(term_width(file) == 80);
		setenv("COLUMNS", "x", 1);
		CHECK(term_width(file) == 80);
		fclose(file);
	}
	unsetenv("COLUMNS");
	if (!open_terminal(&master, &user))
		return;
	struct winsize size = { .ws_col = 99, .ws_row = 10 };
	if (ioctl(master, TIOCSWINSZ, &size) == 0)
		CHECK(term_width(user) == 99);
	fclose(user);
}

static void *add_a_lot(void *ctx)
{
	struct term_progress *p = ctx;

	for (int i = 0; i < 1000; i++)
		term_progress_add(p, 1);
	return NULL;
}

static void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

/* All that the terminal was sent so far. */
static void read_terminal(int master, char *text, size_t room)
{
	struct pollfd ready = { .fd = master, .events = POLLIN };
	size_t used = 0;

	/* What was written arrives when the kernel gets to it. */
	while (poll(&ready, 1, 200) > 0 && used < room - 1) {
		ssize_t n = read(master, text + used, room - 1 - used);
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	text[used] = '\0';
}

/* Runs with stderr on a terminal; reports through the texts. */
static void show_progress(int master, char *early, char *late, char *end, size_t room)
{
	struct term_progress *p = term_progress_new("\aworking", 2000);
	pthread_t other;

	term_progress_add(p, 10);
	read_terminal(master, early, room);
	sleep_ms(600);
	if (pthread_create(&other, NULL, add_a_lot, p) == 0) {
		add_a_lot(p);
		pthread_join(other, NULL);
	}
	read_terminal(master, late, room);
	drop_progress(&p);
	read_terminal(master, end, room);
}

TEST(draws_late_safely_and_erases_itself)
{
	FILE *user = NULL;
	AUTO(drop_fd) int master = -1;
	char early[4096], late[4096], end[4096];

	if (!open_terminal(&master, &user)) {
		puts("# skipped: no terminals here");
		return;
	}
	AUTO(drop_fd) int kept = dup(STDERR_FILENO);
	REQUIRE(kept >= 0 && dup2(fileno(user), STDERR_FILENO) >= 0);
	show_progress(master, early, late, end, sizeof end);
	CHECK(dup2(kept, STDERR_FILENO) >= 0);
	fclose(user);

	CHECK_STR(early, "");
	CHECK(strstr(late, "\r?working [") != NULL);
	CHECK(strstr(late, "%\033[K") != NULL);
	CHECK_STR(end, "\r\033[K");
}

TEST(picks_the_word_for_a_number)
{
	CHECK_STR(plural(0, "device", "devices"), "devices");
	CHECK_STR(plural(1, "device", "devices"), "device");
	CHECK_STR(plural(2, "device", "devices"), "devices");
	CHECK_STR(plural(UINT64_MAX, "device", "devices"), "devices");
}

TEST(draws_nothing_where_there_is_no_terminal)
{
	AUTO(drop_progress) struct term_progress *p = NULL;
	FILE *file = tmpfile();

	REQUIRE(file != NULL);
	AUTO(drop_fd) int kept = dup(STDERR_FILENO);
	REQUIRE(kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
	p = term_progress_new("working", 0);
	sleep_ms(600);
	term_progress_add(p, 5);
	drop_progress(&p);
	p = NULL;
	CHECK(dup2(kept, STDERR_FILENO) >= 0);
	CHECK(lseek(fileno(file), 0, SEEK_END) == 0);
	fclose(file);
}
