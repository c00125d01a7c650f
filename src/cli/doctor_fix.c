/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor_fix.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/doctor_print.h"
#include "util/mem.h"
#include "util/term.h"

void doctor_fix_free(char *argv[FIX_MAX_WORDS])
{
	for (size_t i = 0; i < FIX_MAX_WORDS && argv[i] != NULL; i++)
		free(argv[i]);
	memset(argv, 0, FIX_MAX_WORDS * sizeof *argv);
}

/* One word from *p; NULL: a quote is open. */
static char *take_word(const char **p)
{
	char *word = mem_zero(strlen(*p) + 1, 1);
	size_t n = 0;
	char quote = '\0';

	for (; **p != '\0' && (quote != '\0' || **p != ' '); (*p)++) {
		if (quote == '\0' && (**p == '\'' || **p == '"'))
			quote = **p;
		else if (quote == **p)
			quote = '\0';
		else
			word[n++] = **p;
	}
	if (quote == '\0')
		return word;
	free(word);
	return NULL;
}

bool doctor_fix_split(char *argv[FIX_MAX_WORDS], const char *command)
{
	size_t n = 0;

	memset(argv, 0, FIX_MAX_WORDS * sizeof *argv);
	while (*command != '\0') {
		command += strspn(command, " ");
		if (*command == '\0')
			break;
		if (n + 1 == FIX_MAX_WORDS || (argv[n] = take_word(&command)) == NULL) {
			doctor_fix_free(argv);
			return false;
		}
		n++;
	}
	if (n >= 2 && strcmp(argv[0], "sealring") == 0)
		return true;
	doctor_fix_free(argv);
	return false;
}

/* "NAME", "DIR", "...", "app.ipa|app.app". */
static bool is_to_fill_in(const char *word)
{
	const char *p = word;

	if (strstr(word, "...") != NULL || strpbrk(word, "|&;<>$`") != NULL)
		return true;
	while ((*p >= 'A' && *p <= 'Z') || *p == '_')
		p++;
	return *p == '\0' && p - word > 1;
}

bool doctor_fix_is_complete(char *const *argv)
{
	for (size_t i = 0; argv[i] != NULL; i++)
		if (is_to_fill_in(argv[i]))
			return false;
	return true;
}

/* ---- running ---- */

static bool own_path(char out[4096])
{
	ssize_t n = readlink("/proc/self/exe", out, 4095);

	if (n <= 0)
		return false;
	out[n] = '\0';
	return true;
}

static bool run(char *const *argv, struct error *err)
{
	char self[4096];
	pid_t pid = 0;
	int status = 0;

	if (!own_path(self))
		return error_set(err, ERROR_IO, "could not find this program's file");
	int failed = posix_spawn(&pid, self, NULL, NULL, argv, environ);
	if (failed != 0) {
		errno = failed;
		return error_set_errno(err, "could not run \"%s\"", self);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	error_set(err, ERROR_REFUSED, "\"sealring %s\" failed; nothing further was run",
	          argv[1]);
	return error_hint(err,
	                  "See its error above, then run \"sealring doctor\" again.");
}

static bool is_repeated(const struct diagnoses *all, size_t i, const char *command)
{
	for (size_t k = 0; k < i; k++) {
		const char *earlier = diagnosis_command(&all->items[k]);

		if (earlier != NULL && strcmp(earlier, command) == 0)
			return true;
	}
	return false;
}

static bool fix_one(const struct cli *cli, const struct diagnosis *d,
                    const char *command, struct error *err)
{
	char *argv[FIX_MAX_WORDS];
	bool is_command = doctor_fix_split(argv, command);
	bool is_complete = is_command && doctor_fix_is_complete(argv);

	printf("%s %-11s ", is_complete ? "~" : "?", d->id);
	term_safe(stdout, command);
	puts(is_complete  ? ""
	     : is_command ? "   (fill in what stands in capitals)"
	                  : "   (by hand)");
	fflush(stdout);
	bool ok = !is_complete || !cli->yes || run(argv, err);
	doctor_fix_free(argv);
	return ok;
}

bool doctor_fix(const struct cli *cli, const struct diagnoses *all, struct error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct diagnosis *d = &all->items[i];
		const char *command = diagnosis_command(d);

		if (command == NULL || d->certainty < DIAGNOSIS_LIKELY ||
		    is_repeated(all, i, command))
			continue;
		n++;
		if (!fix_one(cli, d, command, err))
			return false;
	}
	if (n == 0)
		puts("nothing to mend");
	else if (!cli->yes)
		puts("Nothing was changed: --yes runs what begins with ~.");
	return true;
}
