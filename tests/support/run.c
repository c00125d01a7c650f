/* SPDX-License-Identifier: Apache-2.0 */
#include "support/run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/mem.h"

static int wait_for(pid_t child)
{
	int status = 0;

	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* In the child. */
static void become(int to, const char *const *argv)
{
	union {
		const char *const *in;
		char *const *out;
	} args = { .in = argv };
	int null = open("/dev/null", O_RDONLY);

	if (null < 0 || dup2(null, 0) < 0 || dup2(to, 1) < 0 || dup2(to, 2) < 0)
		_exit(127);
	execvp(argv[0], args.out);
	_exit(127);
}

int run_program(struct buf *out, const char *const *argv)
{
	unsigned char chunk[4096];
	int ends[2];
	ssize_t n;

	if (pipe(ends) != 0)
		abort();
	fflush(NULL);
	pid_t child = fork();
	if (child < 0)
		abort();
	if (child == 0)
		become(ends[1], argv);
	close(ends[1]);
	while ((n = read(ends[0], chunk, sizeof chunk)) > 0) {
		struct error err = { 0 };

		if (!buf_append(out, slice_of(chunk, (size_t)n), &err))
			abort();
	}
	close(ends[0]);
	return wait_for(child);
}

bool run_says(const struct buf *out, const char *text)
{
	return out->n > 0 && memmem(out->p, out->n, text, strlen(text)) != NULL;
}

bool run_together(size_t count, bool (*work)(void *ctx, size_t n), void *ctx)
{
	pid_t *children = mem_zero(count, sizeof *children);
	bool ok = true;

	fflush(NULL);
	for (size_t i = 0; i < count; i++) {
		children[i] = fork();
		if (children[i] < 0)
			abort();
		/* _exit: leaks are for the parent to look for. */
		if (children[i] == 0) {
			bool done = work(ctx, i);

			fflush(NULL);
			_exit(done ? 0 : 1);
		}
	}
	for (size_t i = 0; i < count; i++)
		ok = wait_for(children[i]) == 0 && ok;
	free(children);
	return ok;
}
