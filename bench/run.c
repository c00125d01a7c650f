/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run - run a command and add a line about it to a table.
 *
 *     run RESULTS LOG LABEL COMMAND [ARG...]
 *
 * The line: LABEL, wall seconds, processor seconds (user and system, children too),
 * peak memory in KiB, exit status; with tabs between.  What the command prints goes
 * to LOG.  Exits as the command did.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXEC_FAILED 127

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void become(const char *log, char **command)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
		_exit(EXEC_FAILED);
	execvp(command[0], command);
	perror(command[0]);
	_exit(EXEC_FAILED);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;

	if (argc < 5) {
		fputs("usage: run RESULTS LOG LABEL COMMAND [ARG...]\n", stderr);
		return 2;
	}
	double start = now();
	pid_t pid = fork();
	if (pid == 0)
		become(argv[2], argv + 4);
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
		perror("run");
		return 2;
	}
	double wall = now() - start;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	FILE *results = fopen(argv[1], "ae");
	if (results == NULL) {
		perror(argv[1]);
		return 2;
	}
	fprintf(results, "%s\t%.4f\t%.4f\t%ld\t%d\n", argv[3], wall,
	        seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss,
	        code);
	return fclose(results) == 0 ? code : 2;
}
