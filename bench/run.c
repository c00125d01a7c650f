/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run - run a command and add a line about it to a table.
 *
 *     run RESULTS LOG LABEL COMMAND [ARG...]
 *
 * The line: LABEL, wall seconds, processor seconds (user and system, children too),
 * peak private memory in KiB, exit status; with tabs between.  Private is what is not
 * a mapped file, looked at every other millisecond; where /proc does not tell, all
 * memory.  What the command prints goes to LOG.  Exits as the command did.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXEC_FAILED 127
#define LOOK_NS     2000000L

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

/* ---- memory ---- */

struct watch {
	char path[64]; /* of the status file */
	atomic_bool is_over;
	long peak; /* KiB; 0: not known */
};

static long private_memory(const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
	static const char key[] = "RssAnon:";

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	const char *at = strstr(text, key);
	return at != NULL ? strtol(at + sizeof key - 1, NULL, 10) : 0;
}

static void *watch(void *ctx)
{
	const struct timespec pause = { .tv_nsec = LOOK_NS };
	struct watch *w = ctx;

	while (!atomic_load(&w->is_over)) {
		long now_kib = private_memory(w->path);

		if (now_kib > w->peak)
			w->peak = now_kib;
		nanosleep(&pause, NULL);
	}
	return NULL;
}

/* As wait4(); *peak_kib is the most private memory that was seen. */
static bool wait_for(pid_t pid, int *status, struct rusage *usage, long *peak_kib)
{
	struct watch w = { .peak = 0 };
	pthread_t thread;

	snprintf(w.path, sizeof w.path, "/proc/%ld/status", (long)pid);
	bool watching = pthread_create(&thread, NULL, watch, &w) == 0;
	bool ok = wait4(pid, status, 0, usage) == pid;
	atomic_store(&w.is_over, true);
	if (watching)
		pthread_join(thread, NULL);
	*peak_kib = w.peak > 0 ? w.peak : usage->ru_maxrss;
	return ok;
}

int main(int argc, char **argv)
{
	struct rusage usage = { 0 };
	long peak_kib = 0;
	int status = 0;

	if (argc < 5) {
		fputs("usage: run RESULTS LOG LABEL COMMAND [ARG...]\n", stderr);
		return 2;
	}
	double start = now();
	pid_t pid = fork();
	if (pid == 0)
		become(argv[2], argv + 4);
	if (pid < 0 || !wait_for(pid, &status, &usage, &peak_kib)) {
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
	        seconds(usage.ru_utime) + seconds(usage.ru_stime), peak_kib, code);
	return fclose(results) == 0 ? code : 2;
}
