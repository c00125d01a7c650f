/* SPDX-License-Identifier: Apache-2.0 */
#include "support/openssl_tool.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/file.h"
#include "util/mem.h"

static int run_shell(char *line)
{
	char name[] = "sh", option[] = "-c";
	char *argv[] = { name, option, line, NULL };
	pid_t pid;
	int status = -1;

	if (posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

PRINTF_LIKE(2, 0)
static int run(const struct scratch *s, const char *fmt, va_list ap)
{
	AUTO(drop_str) char *arguments = mem_vformat(fmt, ap);
	AUTO(drop_str)
	char *line = mem_format("cd '%s' && openssl %s > log 2>&1 < /dev/null", s->path,
	                        arguments);

	int status = run_shell(line);
	if (status != 0)
		printf("# openssl %s: status %d\n", arguments, status);
	return status;
}

bool openssl_tool(const struct scratch *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int status = run(s, fmt, ap);
	va_end(ap);
	if (status == 0)
		return true;
	AUTO(buf_free) struct buf log = scratch_read(s, "log");
	printf("%.*s\n", (int)log.n, (const char *)log.p);
	return false;
}

bool openssl_agrees(const struct scratch *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int status = run(s, fmt, ap);
	va_end(ap);
	return status == 0;
}

struct buf scratch_read(const struct scratch *s, const char *name)
{
	AUTO(drop_str) char *path = scratch_path(s, name);
	struct buf out = BUF_INIT(TOOL_MAX_BYTES);
	struct error err = { 0 };

	if (!file_read(&out, path, &err)) {
		error_print(&err, stdout, true);
		abort();
	}
	return out;
}

void scratch_write(const struct scratch *s, const char *name, struct slice bytes)
{
	AUTO(drop_str) char *path = scratch_path(s, name);
	struct error err = { 0 };

	if (!file_write(path, bytes, 0600, false, &err)) {
		error_print(&err, stdout, true);
		abort();
	}
}
