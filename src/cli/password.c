/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/password.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "util/file.h"
#include "util/file_error.h"
#include "util/mem.h"

/* The first line of a descriptor, byte by byte: no copy stays in a buffer. */
static bool read_line(struct secret *out, int fd, const char *path, struct error *err)
{
	for (;;) {
		unsigned char c;
		ssize_t n = read(fd, &c, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_error_read(err, "read the password from", path);
		if (n == 0 || c == '\n')
			break;
		if (secret_append(out, slice_of(&c, 1), err))
			continue;
		error_evidence(err, "the first line of \"%s\"", path);
		error_cause(err, "It is another file than one with a password.");
		return error_hint(err, "Put the password alone on the first line.");
	}
	if (out->n > 0 && out->p[out->n - 1] == '\r')
		out->n--;
	return true;
}

static bool from_env(struct secret *out, const char *name, struct error *err)
{
	const char *value = getenv(name);

	if (value == NULL) {
		error_set(err, ERROR_NOT_FOUND,
		          "environment variable \"%s\" is not set", name);
		error_cause(err, "It was set but not exported, or not in this job.");
		return error_hint(err, "export %s, or use @file:PATH.", name);
	}
	return secret_append(out, slice_str(value), err);
}

static bool from_file(struct secret *out, const char *path, struct error *err)
{
	struct stat st;

	AUTO(drop_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return file_error_read(err, "open the password file", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		fprintf(stderr,
		        "warning: others can read the password file \"%s\": chmod 600\n",
		        path);
	return read_line(out, fd, path, err);
}

static bool from_fd(struct secret *out, const char *number, struct error *err)
{
	char *end = NULL;
	long fd = strtol(number, &end, 10);

	if (end == number || *end != '\0' || fd < 0 || fd > 65535)
		return error_set(err, ERROR_USAGE, "\"%s\" is no descriptor number",
		                 number);
	AUTO(drop_str) char *path = mem_format("/dev/fd/%ld", fd);
	return read_line(out, (int)fd, path, err);
}

static bool ask(struct secret *out, const char *prompt, struct error *err)
{
	struct termios before;

	AUTO(drop_fd) int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty < 0 || tcgetattr(tty, &before) != 0) {
		error_set(err, ERROR_AUTH, "%s is needed", prompt);
		error_cause(err, "There is no terminal to ask on.");
		return error_hint(err, "Say where it is: -P @env:NAME, -P @file:PATH "
		                       "or -P @fd:N.");
	}
	struct termios quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	dprintf(tty, "%s: ", prompt);
	tcsetattr(tty, TCSAFLUSH, &quiet);
	bool ok = read_line(out, tty, "/dev/tty", err);
	tcsetattr(tty, TCSAFLUSH, &before);
	dprintf(tty, "\n");
	return ok;
}

static bool ask_again(const struct secret *first, struct error *err)
{
	AUTO(secret_free) struct secret second = { 0 };

	if (!secret_init(&second, PASSWORD_MAX_BYTES, err) ||
	    !ask(&second, "the same again", err))
		return false;
	if (!secret_equal(secret_reveal(first), secret_reveal(&second)))
		return error_set(err, ERROR_AUTH, "the two passwords differ");
	return true;
}

/* The part of spec behind "@KIND:" or "KIND:", or NULL. */
static const char *after(const char *spec, const char *kind)
{
	size_t n = strlen(kind);

	spec += *spec == '@';
	return strncmp(spec, kind, n) == 0 ? spec + n : NULL;
}

static bool from_spec(struct secret *out, const char *spec, struct error *err)
{
	const char *rest;

	if ((rest = after(spec, "env:")) != NULL)
		return from_env(out, rest, err);
	if ((rest = after(spec, "file:")) != NULL)
		return from_file(out, rest, err);
	if ((rest = after(spec, "fd:")) != NULL)
		return from_fd(out, rest, err);
	fputs("warning: a password on the command line can be read by everybody on this "
	      "machine; use -P @env:NAME\n",
	      stderr);
	return secret_append(out, slice_str(spec), err);
}

bool password_read(struct secret *out, const char *spec, const char *prompt, bool twice,
                   struct error *err)
{
	AUTO(secret_free) struct secret password = { 0 };

	if (!secret_init(&password, PASSWORD_MAX_BYTES, err))
		return false;
	bool ok = spec != NULL ? from_spec(&password, spec, err)
	                       : ask(&password, prompt, err);
	if (!ok)
		return error_context(err, "reading the %s", prompt);
	if (spec == NULL && twice && !ask_again(&password, err))
		return false;
	*out = password;
	password = (struct secret){ 0 };
	return true;
}
