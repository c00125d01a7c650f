/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"
#include "util/file_error.h"

#define USE_FORCE "Name another file, or replace it with -f."

static bool is_stdout(const struct output *out)
{
	return strcmp(out->path, "-") == 0;
}

/* With -f files are replaced, folders never. */
static bool check_free(const struct cli *cli, const struct output *out,
                       struct error *err)
{
	struct stat st;

	if (is_stdout(out) && cli->json) {
		error_set(err, ERROR_USAGE, "two things cannot go to standard output");
		error_evidence(err, "\"-o -\" and --json");
		error_cause(err, "\"-\" is standard output, where the JSON goes.");
		return error_hint(err, "Name a file: -o FILE --json");
	}
	if (is_stdout(out) || lstat(out->path, &st) != 0 ||
	    (out->force && !S_ISDIR(st.st_mode)))
		return true;
	file_error_exists(err, out->path);
	return error_hint(err, USE_FORCE);
}

bool output_write(const struct cli *cli, const struct output *out, struct slice bytes,
                  mode_t mode, struct error *err)
{
	if (!check_free(cli, out, err))
		return false;
	if (is_stdout(out))
		return fwrite(bytes.p, 1, bytes.n, stdout) == bytes.n ||
		       file_error_output(err);
	if (file_write(out->path, bytes, mode, !out->force, err))
		return true;
	return err->code == ERROR_EXISTS && error_hint(err, USE_FORCE);
}

bool output_check(const struct cli *cli, const struct output *out, struct error *err)
{
	AUTO(file_discard) struct file_new probe = FILE_NEW_INIT;

	return check_free(cli, out, err) &&
	       (is_stdout(out) || file_create(&probe, out->path, 0600, err));
}

const char *output_name(const struct output *out)
{
	return is_stdout(out) ? "FILE" : out->path;
}

bool output_made_json(const struct output *out, const char *key, json_t *value,
                      struct error *err)
{
	return output_json(json_pack("{s:o, s:o}", "file", jsonio_text(out->path), key,
	                             value),
	                   err);
}

void output_made(const struct cli *cli, const struct output *out, const char *fmt, ...)
{
	FILE *to = is_stdout(out) ? stderr : stdout;
	va_list ap;

	if (to == stderr && cli->quiet)
		return;
	va_start(ap, fmt);
	vfprintf(to, fmt, ap);
	va_end(ap);
	fputc('\n', to);
}

bool output_json(json_t *object, struct error *err)
{
	AUTO(drop_json) json_t *with_schema = json_pack("{s:i}", "schema", 1);

	AUTO(drop_json) json_t *body = object;
	if (with_schema == NULL || json_object_update(with_schema, body) != 0)
		return error_set(err, ERROR_INTERNAL, "could not build the JSON");
	return jsonio_print(stdout, with_schema, err);
}

void output_say(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (cli->quiet)
		return;
	/* What was printed before stands before it, in a file too. */
	fflush(stdout);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void output_line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

struct term_progress *output_progress(const struct cli *cli, const char *what,
                                      uint64_t total)
{
	return cli->json || cli->quiet ? NULL : term_progress_new(what, total);
}

bool output_confirm(const struct cli *cli, const char *question, struct error *err)
{
	char answer[16] = "";

	if (cli->yes)
		return true;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		error_set(err, ERROR_REFUSED, "not done: nobody to ask");
		error_evidence(err, "%s", question);
		return error_hint(err, "Say --yes to do it without being asked.");
	}
	fprintf(stderr, "%s [y/N] ", question);
	if (fgets(answer, sizeof answer, stdin) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y'))
		return true;
	return error_set(err, ERROR_REFUSED, "not done: the answer was not yes");
}

json_t *output_error_json(const struct error *err)
{
	AUTO(drop_json) json_t *context = json_array();

	for (const char *line = err->context; *line != '\0';) {
		size_t n = strcspn(line, "\n");
		json_array_append_new(context, json_stringn(line, n));
		line += n + (line[n] == '\n');
	}
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:O, s:s?}", "code",
	                 error_code_name(err->code), "message",
	                 jsonio_text(err->message), "evidence",
	                 jsonio_text(err->evidence), "cause", jsonio_text(err->cause),
	                 "hint", jsonio_text(err->hint), "context", context, "id",
	                 err->id);
}

void output_error(const struct cli *cli, const struct error *err)
{
	struct error ignored = { 0 };

	if (!cli->json) {
		error_print(err, stderr, cli->verbose);
		return;
	}
	AUTO(drop_json)
	json_t *value = json_pack("{s:i, s:i, s:o}", "schema", 1, "exit",
	                          error_exit_status(err->code), "error",
	                          output_error_json(err));
	if (value == NULL || !jsonio_print(stdout, value, &ignored))
		error_print(err, stderr, cli->verbose);
}
