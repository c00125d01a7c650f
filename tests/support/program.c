/* SPDX-License-Identifier: Apache-2.0 */
#include "support/program.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/file.h"

#define EXIT_NOT_THERE 127

static void become(const char *const *argv, int to)
{
	/* execvp() does not change the strings; its type is older than const. */
	const union {
		const char *const *in;
		char *const *out;
	} args = { .in = argv };
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	dup2(nothing, 0);
	dup2(to, 1);
	dup2(to, 2);
	assert(args.out != NULL);
	execvp(argv[0], args.out);
	_exit(EXIT_NOT_THERE);
}

int program_run(struct buf *out, const char *const *argv)
{
	struct error err = { 0 };
	unsigned char chunk[4096];
	int ends[2], status = 0;
	ssize_t n;

	if (pipe(ends) != 0)
		return -1;
	pid_t child = fork();
	if (child == 0)
		become(argv, ends[1]);
	close(ends[1]);
	AUTO(drop_fd) int from = ends[0];
	while ((n = read(from, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && !buf_append(out, slice_of(chunk, (size_t)n), &err))
			abort();
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
	    WEXITSTATUS(status) == EXIT_NOT_THERE)
		return -1;
	if (!buf_append_fill(out, 0, 1, &err))
		abort();
	return WEXITSTATUS(status);
}

bool program_is_here(const char *name)
{
	AUTO(buf_free) struct buf out = BUF_INIT((size_t)1 << 20);
	const char *const argv[] = { name, "-h", NULL };

	if (program_run(&out, argv) >= 0)
		return true;
	printf("# SKIP: no program %s\n", name);
	return false;
}
