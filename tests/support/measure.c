/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure - run a program and say what it took.
 *
 *     measure KILL_SECONDS OUTPUT PROGRAM ARGUMENTS...
 *
 * Both outputs of the program go to the file OUTPUT.  Prints its exit status (128 and
 * the signal if one ended it, 124 if it was killed after KILL_SECONDS), milliseconds of
 * processor time, and the peak of its memory in KiB.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t killed;
static pid_t child;

static void on_alarm(int number)
{
	(void)number;
	killed = 1;
	kill(child, SIGKILL);
}

static void become(const char *output, char **argv)
{
	int out = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int in = open("/dev/null", O_RDONLY);

	if (out < 0 || in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(out, 2) < 0)
		_exit(126);
	execv(argv[0], argv);
	_exit(127);
}

static long milliseconds(const struct timeval *t)
{
	return (long)t->tv_sec * 1000 + (long)t->tv_usec / 1000;
}

int main(int argc, char **argv)
{
	struct rusage used;
	int status = 0, code;

	if (argc < 4) {
		fprintf(stderr, "usage: measure KILL_SECONDS OUTPUT PROGRAM ...\n");
		return 2;
	}
	child = fork();
	if (child < 0)
		return 1;
	if (child == 0)
		become(argv[2], argv + 3);
	signal(SIGALRM, on_alarm);
	alarm((unsigned)strtoul(argv[1], NULL, 10));
	while (wait4(child, &status, 0, &used) < 0)
		;
	if (killed)
		code = 124;
	else
		code = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
		                           : WEXITSTATUS(status);
	printf("%d %ld %ld\n", code,
	       milliseconds(&used.ru_utime) + milliseconds(&used.ru_stime),
	       used.ru_maxrss);
	return 0;
}
