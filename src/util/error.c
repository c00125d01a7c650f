/* SPDX-License-Identifier: Apache-2.0 */
#include "util/error.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* Exit statuses: spec ux.md 3.1 rule 5. */
static const struct {
	const char *name;
	int exit_status;
} codes[] = {
	[ERROR_NONE] = { "none", 0 },
	[ERROR_USAGE] = { "usage", 2 },
	[ERROR_NOT_FOUND] = { "not-found", 3 },
	[ERROR_EXISTS] = { "exists", 5 },
	[ERROR_PERMISSION] = { "permission", 4 },
	[ERROR_AUTH] = { "auth", 4 },
	[ERROR_FORMAT] = { "format", 3 },
	[ERROR_LIMIT] = { "limit", 3 },
	[ERROR_VERIFY] = { "verify", 1 },
	[ERROR_NETWORK] = { "network", 6 },
	[ERROR_REMOTE] = { "remote", 6 },
	[ERROR_IO] = { "io", 3 },
	[ERROR_CRYPTO] = { "crypto", 3 },
	[ERROR_REFUSED] = { "refused", 5 },
	[ERROR_INTERNAL] = { "internal", 3 },
};
_Static_assert(ARRAY_LEN(codes) == ERROR_CODE_COUNT, "a code has no entry");

static const char dots[] = "...";

/* Ends a full buffer in "...", without cutting a UTF-8 character in two. */
static void mark_truncated(char *dst, size_t cap)
{
	size_t end = cap - sizeof dots;

	while (end > 0 && ((unsigned char)dst[end] & 0xc0) == 0x80)
		end--;
	memcpy(dst + end, dots, sizeof dots);
}

PRINTF_LIKE(3, 0)
static void put(char *dst, size_t cap, const char *fmt, va_list ap)
{
	assert(cap > sizeof dots);

	int n = vsnprintf(dst, cap, fmt, ap);
	if (n < 0)
		dst[0] = '\0';
	else if ((size_t)n >= cap)
		mark_truncated(dst, cap);
}

static enum error_code code_of_errno(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return ERROR_NOT_FOUND;
	case EEXIST:
		return ERROR_EXISTS;
	case EACCES:
	case EPERM:
		return ERROR_PERMISSION;
	default:
		return ERROR_IO;
	}
}

PRINTF_LIKE(5, 0)
static void set(struct error *err, enum error_code code, const char *file, int line,
                const char *fmt, va_list ap)
{
	assert(err->code == ERROR_NONE);
	assert(code > ERROR_NONE && code < ERROR_CODE_COUNT);

	*err = (struct error){ .code = code, .file = file, .line = line };
	put(err->message, sizeof err->message, fmt, ap);
}

bool error_set_at(struct error *err, enum error_code code, const char *file, int line,
                  const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(err, code, file, line, fmt, ap);
	va_end(ap);
	return false;
}

bool error_set_errno_at(struct error *err, const char *file, int line, const char *fmt,
                        ...)
{
	int number = errno;
	char what[sizeof err->message];
	va_list ap;

	va_start(ap, fmt);
	put(what, sizeof what, fmt, ap);
	va_end(ap);
	return error_set_at(err, code_of_errno(number), file, line, "%s: %s", what,
	                    strerror(number));
}

/* Fills an empty text; one that is there stays: the innermost caller knows most. */
PRINTF_LIKE(4, 0)
static bool put_once(const struct error *err, char *dst, size_t cap, const char *fmt,
                     va_list ap)
{
	assert(err->code != ERROR_NONE);
	if (dst[0] == '\0')
		put(dst, cap, fmt, ap);
	return false;
}

bool error_hint(struct error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_once(err, err->hint, sizeof err->hint, fmt, ap);
	va_end(ap);
	return false;
}

bool error_hint_instead(struct error *err, const char *fmt, ...)
{
	va_list ap;

	err->hint[0] = '\0';
	va_start(ap, fmt);
	put_once(err, err->hint, sizeof err->hint, fmt, ap);
	va_end(ap);
	return false;
}

bool error_evidence(struct error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_once(err, err->evidence, sizeof err->evidence, fmt, ap);
	va_end(ap);
	return false;
}

bool error_cause(struct error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_once(err, err->cause, sizeof err->cause, fmt, ap);
	va_end(ap);
	return false;
}

bool error_id(struct error *err, const char *id)
{
	assert(err->code != ERROR_NONE);
	if (err->id == NULL)
		err->id = id;
	return false;
}

bool error_context(struct error *err, const char *fmt, ...)
{
	size_t used = strlen(err->context);
	va_list ap;

	assert(err->code != ERROR_NONE);
	if (sizeof err->context - used < 16)
		return false; /* full; the innermost lines matter most */
	if (used > 0)
		err->context[used++] = '\n';
	va_start(ap, fmt);
	put(err->context + used, sizeof err->context - used, fmt, ap);
	va_end(ap);
	return false;
}

void error_clear(struct error *err)
{
	*err = (struct error){ .code = ERROR_NONE };
}

static void print_safe(FILE *to, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];
		fputc(c < 0x20 || c == 0x7f ? '?' : c, to);
	}
}

static void print_part(FILE *to, const char *name, const char *text)
{
	if (text[0] == '\0')
		return;
	fprintf(to, "%s: ", name);
	print_safe(to, text, strlen(text));
	fputc('\n', to);
}

void error_print(const struct error *err, FILE *to, bool debug)
{
	fputs("error: ", to);
	print_safe(to, err->message, strlen(err->message));
	fputc('\n', to);

	for (const char *line = err->context; *line != '\0';) {
		size_t n = strcspn(line, "\n");
		fputs("  while ", to);
		print_safe(to, line, n);
		fputc('\n', to);
		line += n + (line[n] == '\n');
	}
	print_part(to, "evidence", err->evidence);
	print_part(to, "cause", err->cause);
	print_part(to, "hint", err->hint);
	if (err->id != NULL)
		fprintf(to, "see: sealring explain %s\n", err->id);
	if (debug)
		fprintf(to, "debug: %s error set at %s:%d\n",
		        error_code_name(err->code), err->file, err->line);
}

const char *error_code_name(enum error_code code)
{
	return codes[code].name;
}

int error_exit_status(enum error_code code)
{
	return codes[code].exit_status;
}
