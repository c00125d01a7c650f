/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain - what an error message or number means, and what to do
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/explain_log.h"
#include "cli/explain_print.h"
#include "cli/output.h"
#include "util/buf.h"
#include "util/mem.h"

#define HITS_MAX     6
#define SCORE_SURE   100 /* id, number or whole message */
#define SCORE_LIKELY 65  /* worth to be printed at length */

static struct {
	struct opt_list texts;
	const char *family, *markdown;
	bool list;
} args;

static const struct operand operands[] = {
	{ .name = "TEXT",
	  .list = &args.texts,
	  .is_optional = true,
	  .help = "an id, a number, or a message; - reads a log from standard input" },
	{ 0 },
};

static const char *const families[] = { "CERT", "KEY",  "ST",   "PROF", "AUTO",
	                                "EXP",  "SIGN", "ITMS", "DEV",  NULL };

static const struct opt options[] = {
	{ .name = "list",
	  .flag = &args.list,
	  .help = "print all entries, a line each" },
	{ .name = "family",
	  .text = &args.family,
	  .value = "NAME",
	  .choices = families,
	  .help = "with --list: of this family only" },
	{ .name = "markdown",
	  .text = &args.markdown,
	  .value = "PAGE",
	  .help = "print a page of docs/errors: index, codes, or a family" },
	{ 0 },
};

/* ---- list ---- */

static void list_family(json_t *list, const struct explain_family *family, bool json)
{
	for (size_t i = 0; i < family->count; i++) {
		const struct explain_entry *e = &family->entries[i];

		if (json)
			json_array_append_new(list, explain_entry_json(e));
		else
			printf("%-11s %s\n", e->id, e->title);
	}
}

static bool run_list(const struct cli *cli, struct error *err)
{
	AUTO(drop_json) json_t *list = json_array();
	const struct explain_family *family;

	for (size_t f = 0; (family = explain_family_at(f)) != NULL; f++)
		if (args.family == NULL || strcmp(family->name, args.family) == 0)
			list_family(list, family, cli->json);
	return !cli->json || output_json(json_pack("{s:O}", "entries", list), err);
}

/* ---- one text ---- */

static void print_hit(const struct explain_hit *hit)
{
	if (hit->entry != NULL)
		explain_print_entry(hit->entry);
	else
		explain_print_code(hit->code);
}

static void print_short(const struct explain_hit *hit)
{
	char number[EXPLAIN_CODE_BYTES];

	if (hit->entry != NULL) {
		printf("  %-11s %s\n", hit->entry->id, hit->entry->title);
		return;
	}
	explain_code_format(number, hit->code);
	printf("  %-11s %s\n", number, hit->code->meaning);
}

static void print_hits(const struct explain_hit *hits, size_t n)
{
	size_t first = 0;

	if (hits[0].score >= SCORE_LIKELY) {
		if (hits[0].score < SCORE_SURE)
			puts("likely:");
		print_hit(&hits[0]);
		first = 1;
	}
	if (n > first)
		puts(first == 1 ? "\nor:" : "may be one of:");
	for (size_t i = first; i < n; i++)
		print_short(&hits[i]);
}

static bool hits_json(struct slice query, const struct explain_hit *hits, size_t n,
                      struct error *err)
{
	AUTO(drop_json) json_t *list = json_array();
	AUTO(drop_str) char *text = mem_str(query.p, query.n);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			list,
			json_pack("{s:i, s:o, s:o}", "score", (int)hits[i].score,
		                  "entry",
		                  hits[i].entry != NULL
		                          ? explain_entry_json(hits[i].entry)
		                          : json_null(),
		                  "code",
		                  hits[i].code != NULL ? explain_code_json(hits[i].code)
		                                       : json_null()));
	return output_json(json_pack("{s:o, s:O}", "query", jsonio_text(text),
	                             "matches", list),
	                   err);
}

/* Nothing fits: say what to try. */
static void say_unknown(const struct cli *cli, const char *text)
{
	const char *near = strlen(text) < 16 ? explain_near_id(text) : NULL;

	output_say(cli, text[0] == '\0' ? "nothing to explain: the input is empty"
	                                : "nothing in the catalogue fits");
	if (near != NULL)
		output_say(cli, "Did you mean \"sealring explain %s\"?", near);
	else if (access(text, R_OK) == 0)
		output_say(cli, "To look through the file: sealring explain - < %s",
		           text);
	else
		output_say(cli, "All entries: sealring explain --list");
}

static bool answer(struct cli *cli, struct slice text, struct error *err)
{
	struct explain_hit hits[HITS_MAX];
	size_t n = explain_search(hits, HITS_MAX, text);

	cli->answer_is_no = n == 0;
	if (cli->json)
		return hits_json(text, hits, n, err);
	if (n > 0) {
		print_hits(hits, n);
		return true;
	}
	AUTO(drop_str) char *shown = mem_str(text.p, text.n);
	say_unknown(cli, shown);
	return true;
}

/* Words that were not put in quotes are one text. */
static bool run_text(struct cli *cli, struct error *err)
{
	AUTO(buf_free) struct buf text = BUF_INIT((size_t)1 << 20);

	for (size_t i = 0; i < args.texts.count; i++)
		if (!buf_append_str(&text, i > 0 ? " " : "", err) ||
		    !buf_append_str(&text, args.texts.items[i], err))
			return false;
	return answer(cli, buf_slice(&text), err);
}

/* ---- a log ---- */

/* Read all of it; *start gets its first bytes, for a text that is no log. */
static bool read_log(struct explain_log *log, struct buf *start, struct error *err)
{
	static unsigned char chunk[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, chunk, sizeof chunk)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, "could not read standard input");
		struct slice bytes = slice_of(chunk, (size_t)n);
		size_t room = EXPLAIN_QUERY_BYTES - buf_slice(start).n;

		explain_log_feed(log, bytes);
		if (!buf_append(start,
		                slice_of(bytes.p, room < bytes.n ? room : bytes.n),
		                err))
			return false;
	}
	explain_log_finish(log);
	return true;
}

static bool run_log(struct cli *cli, struct error *err)
{
	AUTO(drop_explain_log) struct explain_log *log = explain_log_new();
	AUTO(buf_free) struct buf start = BUF_INIT(EXPLAIN_QUERY_BYTES);

	if (!read_log(log, &start, err))
		return false;
	/* One message, or a part of one, may have been pasted. */
	if (explain_log_count(log) == 0 && !cli->json && explain_log_lines(log) <= 12)
		return answer(cli, buf_slice(&start), err);
	cli->answer_is_no = explain_log_count(log) == 0;
	if (cli->json)
		return output_json(explain_log_json(log), err);
	if (cli->answer_is_no)
		output_say(cli, "no message of the catalogue in %zu lines",
		           explain_log_lines(log));
	else
		explain_log_print(log);
	return true;
}

static bool run_page(struct error *err)
{
	if (explain_print_page(stdout, args.markdown))
		return true;
	return error_set(err, ERROR_USAGE, "there is no page \"%s\"", args.markdown);
}

static bool choose(struct cli *cli, struct error *err)
{
	if ((args.list || args.markdown != NULL) && args.texts.count > 0)
		return error_set(err, ERROR_USAGE, "unexpected argument \"%s\"",
		                 args.texts.items[0]);
	if (args.list)
		return run_list(cli, err);
	if (args.markdown != NULL)
		return run_page(err);
	if (args.texts.count == 0) {
		error_set(err, ERROR_USAGE, "TEXT is missing");
		return error_hint(err, "Such as: sealring explain PROF-05");
	}
	if (args.texts.count == 1 && strcmp(args.texts.items[0], "-") == 0)
		return run_log(cli, err);
	return run_text(cli, err);
}

static bool run(struct cli *cli, struct error *err)
{
	bool ok = choose(cli, err);

	opt_list_free(&args.texts);
	return ok;
}

const struct command cmd_explain = {
	.name = "explain",
	.summary = "what an error message or number means, and what to do",
	.description =
		"Knows the messages of Xcode, codesign, security, fastlane, App Store Connect\n"
		"and devices about code signing, and the numbers in them.  A message may have\n"
		"other names in it, be cut short or mistyped.  With \"-\" a log is read from\n"
		"standard input, and what is known in it is listed, the root of it at length.\n"
		"\n"
		"JSON of a text: query, matches [{score, entry, code}]; of a log: lines,\n"
		"matches [{id, title, line, count, is_noise, values, entry, code}]; of --list:\n"
		"entries.  An entry: id, family, title, messages, names, codes, causes [{text,\n"
		"tell}], facts, decidable (yes, partly, no), fix, command, noise, sources.\n"
		"\n"
		"Exit status 0: explained; 1: nothing in the catalogue fits.",
	.examples = "  sealring explain PROF-05\n"
		    "  sealring explain 0xe8008015\n"
		    "  sealring explain 'no identity found'\n"
		    "  xcodebuild archive 2>&1 | sealring explain -",
	.options = options,
	.operands = operands,
	.run = run,
};
