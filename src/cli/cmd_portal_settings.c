/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portal settings, portal set, portal log - what a portal does otherwise, and did
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/portalopt.h"
#include "util/mem.h"

static struct {
	const char *portal, *name, *value, *count;
} args;

static const struct opt options[] = { PORTAL_OPTION(args.portal), { 0 } };

static bool run_settings(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(term_table_free) struct term_table t = { 0 };
	struct authority_setting all[AUTHORITY_SETTINGS_MAX];
	json_t *json = json_object();
	size_t count = 0;

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_settings(all, &count, portal, err)) {
		json_decref(json);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		AUTO(drop_str)
		char *value = mem_format("%lld", (long long)all[i].value);
		AUTO(drop_str)
		char *usual = mem_format("%s%lld",
		                         all[i].value == all[i].usual ? "as Apple, "
		                                                      : "Apple's ",
		                         (long long)all[i].usual);
		const char *const cells[] = { all[i].name, value, usual, all[i].help };

		json_object_set_new(json, all[i].name, json_integer(all[i].value));
		term_table_row(&t, TERM_PLAIN, ARRAY_LEN(cells), cells);
	}
	if (cli->json)
		return output_json(json_pack("{s:o}", "settings", json), err);
	json_decref(json);
	term_table_print(&t, stdout, 0);
	output_say(cli, "next:    sealring portal set NAME VALUE --portal %s",
	           args.portal);
	return true;
}

const struct command cmd_portal_settings = {
	.name = "portal settings",
	.summary = "show the limits of an embedded portal",
	.options = options,
	.operands = no_operands,
	.run = run_settings,
};

static const struct operand set_operands[] = {
	{ .name = "NAME", .text = &args.name, .help = "as portal settings lists it" },
	{ .name = "VALUE", .text = &args.value, .help = "a number" },
	{ 0 },
};

static bool read_value(int64_t *out, struct error *err)
{
	size_t n = strlen(args.value);

	/* What is too large is authority's to refuse. */
	if (n > 0 && n <= 9 && strspn(args.value, "0123456789") == n) {
		*out = strtol(args.value, NULL, 10);
		return true;
	}
	return error_set(err, ERROR_USAGE, "\"%s\" is no number from 0 to %d",
	                 args.value, AUTHORITY_SETTING_MAX);
}

static bool run_set(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	int64_t value = 0;

	if (!read_value(&value, err) ||
	    !portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_set(portal, args.name, value, err))
		return error_context(err, "setting \"%s\"", args.name);
	if (cli->json)
		return output_json(json_pack("{s:o, s:i}", "name",
		                             jsonio_text(args.name), "value",
		                             (int)value),
		                   err);
	output_line("set      %s  %lld", args.name, (long long)value);
	return true;
}

const struct command cmd_portal_set = {
	.name = "portal set",
	.summary = "change a limit of an embedded portal",
	.examples = "  sealring portal set devices 5000 --portal portal",
	.options = options,
	.operands = set_operands,
	.run = run_set,
};

/* ---- portal log ---- */

#define LOG_DEFAULT 50
#define LOG_MAX     100000

static const struct opt log_options[] = {
	PORTAL_OPTION(args.portal),
	{ .letter = 'n',
	  .name = "lines",
	  .text = &args.count,
	  .value = "N",
	  .help = "how many, the newest first; default 50" },
	{ 0 },
};

static json_t *line_json(const struct authority_activity *line, const char *at)
{
	return json_pack("{s:I, s:s, s:o, s:s, s:s, s:o}", "seq", (json_int_t)line->seq,
	                 "at", at, "actor", jsonio_text(line->actor), "action",
	                 line->action, "type", line->type, "object",
	                 jsonio_text(line->object));
}

static bool run_log(struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_activity_free) struct authority_activity_list log = { 0 };
	AUTO(term_table_free) struct term_table t = { 0 };
	AUTO(drop_json) json_t *lines = json_array();
	unsigned count = LOG_DEFAULT;

	if (!opt_number(&count, "lines", args.count, 1, LOG_MAX, err) ||
	    !portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_activity_last(&log, portal, count, err))
		return false;
	for (size_t i = 0; i < log.count; i++) {
		const struct authority_activity *line = &log.items[i];
		char at[CLOCK_TEXT_BYTES];

		clock_format_time(at, line->at_s);
		const char *const cells[] = { at, line->actor, line->action, line->type,
			                      line->object };
		json_array_append_new(lines, line_json(line, at));
		term_table_row(&t, TERM_PLAIN, ARRAY_LEN(cells), cells);
	}
	if (cli->json)
		return output_json(json_pack("{s:O}", "lines", lines), err);
	term_table_print(&t, stdout, 0);
	return true;
}

const struct command cmd_portal_log = {
	.name = "portal log",
	.summary = "show who changed what in an embedded portal",
	.options = log_options,
	.operands = no_operands,
	.run = run_log,
};
