/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expiry - what ends when, and what breaks then
 */
#include <string.h>
#include <sys/stat.h>

#include "artifact/find.h"
#include "cli/commands.h"
#include "cli/expiry_print.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/portalopt.h"
#include "cli/trustopt.h"
#include "util/plural.h"

static struct {
	struct opt_list paths;
	const char *within, *at, *portal, *password, *roots;
	struct output ics, prometheus, svg, html;
	bool force, skip_ended;
} args;

static const struct operand operands[] = {
	{ .name = "PATH",
	  .list = &args.paths,
	  .hint = OPT_FILE,
	  .is_optional = true,
	  .help = "folders, and files in them or alone; default: this folder" },
	{ 0 },
};

static const struct opt options[] = {
	{ .name = "within",
	  .text = &args.within,
	  .value = "SPAN|DATE",
	  .help = "only what ends by then (60d, 8w, 2m, 1y, 2027-03-02); status 1 if "
	          "something does" },
	{ .name = "at",
	  .text = &args.at,
	  .value = "DATE",
	  .help = "count from this date (2027-03-02, UTC); default: now" },
	{ .name = "skip-ended",
	  .flag = &args.skip_ended,
	  .help = "leave out what has ended already" },
	{ .name = "ics",
	  .text = &args.ics.path,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "write a calendar with alarms 60, 30, 14, 7 and 1 days before" },
	{ .name = "prometheus",
	  .text = &args.prometheus.path,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "write metrics for a monitor" },
	{ .name = "svg",
	  .text = &args.svg.path,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "write the timeline as a picture" },
	{ .name = "html",
	  .text = &args.html.path,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "write a page: headline, timeline, months, table, relations" },
	{ .letter = 'f',
	  .name = "force",
	  .flag = &args.force,
	  .help = "replace these files if they are there" },
	{ .name = "portal",
	  .text = &args.portal,
	  .value = "DIR",
	  .hint = OPT_DIR,
	  .help = "also what the embedded portal has issued" },
	PASSWORD_OPTION(args.password, PASSWORD_HELP),
	ROOTS_OPTION(args.roots),
	{ 0 },
};

/* ---- gathering ---- */

struct gathering {
	struct expiry e;
	struct trust trust;
	struct secret password;
	struct artifact_how how;
	size_t unread; /* files that could not be read */
};

static void gathering_free(struct gathering *g)
{
	expiry_free(&g->e);
	trust_free(&g->trust);
	secret_free(&g->password);
}

static bool has_end(enum artifact_kind kind)
{
	return kind == ARTIFACT_CERT || kind == ARTIFACT_KEY || kind == ARTIFACT_P12 ||
	       kind == ARTIFACT_PROFILE || kind == ARTIFACT_APP ||
	       kind == ARTIFACT_CODE;
}

static bool add_file(struct gathering *g, const char *path, struct error *err)
{
	AUTO(artifact_free) struct artifact a = { 0 };

	if (!artifact_read(&a, path, &g->how, err))
		return error_context(err, "reading \"%s\"", path);
	return expiry_add(&g->e, &a, err);
}

/* What cannot be read in a folder is told; the others count. */
static bool add_folder(struct gathering *g, const struct cli *cli, const char *path,
                       struct error *err)
{
	AUTO(artifact_list_free) struct artifact_list list = { 0 };
	const struct artifact_find_how all = { 0 };

	if (!artifact_find(&list, path, &all, err))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		const char *file = list.items[i].path;
		struct error one = { 0 };

		if (strncmp(file, "./", 2) == 0)
			file += 2;
		if (!has_end(list.items[i].kind) || add_file(g, file, &one))
			continue;
		if (one.code == ERROR_LIMIT && g->e.count >= EXPIRY_ITEMS_MAX) {
			*err = one;
			return false;
		}
		g->unread++;
		output_say(cli, "not read: %s: %s", file, one.message);
	}
	if (list.cut != NULL)
		output_say(cli, "not all of \"%s\" was looked at: %s", path, list.cut);
	return true;
}

static bool add_path(struct gathering *g, const struct cli *cli, const char *path,
                     struct error *err)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	    artifact_kind_of_name(path) != ARTIFACT_APP)
		return add_folder(g, cli, path, err);
	return add_file(g, path, err);
}

static bool add_bytes(struct gathering *g, const char *name, struct slice bytes,
                      struct error *err)
{
	AUTO(artifact_free) struct artifact a = { 0 };

	return artifact_parse(&a, name, bytes, &g->how, err) &&
	       expiry_add(&g->e, &a, err);
}

static bool add_portal(struct gathering *g, const struct cli *cli, struct error *err)
{
	AUTO(drop_authority) struct authority *portal = NULL;
	AUTO(authority_cert_list_free) struct authority_cert_list certs = { 0 };
	AUTO(authority_profile_list_free)
	struct authority_profile_list profiles = { 0 };

	if (!portalopt_open(&portal, args.portal, cli, err) ||
	    !authority_cert_all(&certs, portal, false, err) ||
	    !authority_profile_all(&profiles, portal, err))
		return false;
	for (size_t i = 0; i < certs.count; i++)
		if (!add_bytes(g, args.portal, certs.items[i].der, err))
			return false;
	for (size_t i = 0; i < profiles.count; i++)
		if (!add_bytes(g, args.portal, profiles.items[i].content, err))
			return false;
	return true;
}

static bool gather(struct gathering *g, const struct cli *cli, struct error *err)
{
	g->how = (struct artifact_how){ .trust = &g->trust };
	if (!trustopt_load(&g->trust, args.roots, err))
		return false;
	if (args.password != NULL) {
		if (!password_read(&g->password, args.password, "password", false, err))
			return false;
		g->how.password = &g->password;
	}
	for (size_t i = 0; i < args.paths.count; i++)
		if (!add_path(g, cli, args.paths.items[i], err))
			return false;
	if (args.paths.count == 0 && args.portal == NULL &&
	    !add_folder(g, cli, ".", err))
		return false;
	return (args.portal == NULL || add_portal(g, cli, err)) &&
	       expiry_finish(&g->e, err);
}

/* ---- answering ---- */

/* What the filters say of an item. */
struct filter {
	int64_t now_s, within_s;
	bool has_within;
};

static bool is_listed(const struct expiry_item *item, const void *ctx)
{
	const struct filter *f = ctx;

	return (!args.skip_ended || item->until_s >= f->now_s) &&
	       (!f->has_within || item->until_s <= f->within_s);
}

/* Files have all but what was to be left out: a page of half a timeline misleads. */
static bool is_in_files(const struct expiry_item *item, const void *ctx)
{
	const struct filter *f = ctx;

	return !args.skip_ended || item->until_s >= f->now_s;
}

static bool draw_svg(struct buf *out, const struct expiry_report *r, struct error *err)
{
	AUTO(picture_free) struct picture drawn = { 0 };

	return expiry_timeline(&drawn, r, err) &&
	       buf_append(out, buf_slice(&drawn.svg), err);
}

static const struct format {
	struct output *out;
	bool (*make)(struct buf *out, const struct expiry_report *r, struct error *err);
	const char *word;
} formats[] = {
	{ &args.ics, expiry_ics, "calendar" },
	{ &args.prometheus, expiry_prometheus, "metrics" },
	{ &args.svg, draw_svg, "timeline" },
	{ &args.html, expiry_page, "page" },
};

/* Before hours of reading: could all be written? */
static bool check_files(bool *to_stdout, const struct cli *cli, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		struct output *out = formats[i].out;
		if (out->path == NULL)
			continue;
		out->force = args.force;
		const bool is_stdout = strcmp(out->path, "-") == 0;
		if (is_stdout && *to_stdout) {
			error_set(err, ERROR_USAGE,
			          "two things cannot go to standard output");
			return error_hint(err, "Name a file for one of them.");
		}
		*to_stdout |= is_stdout;
		if (!output_check(cli, out, err))
			return false;
	}
	return true;
}

static bool write_files(const struct cli *cli, const struct expiry_report *r,
                        struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		AUTO(buf_free) struct buf made = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
		const struct output *out = formats[i].out;

		if (out->path == NULL)
			continue;
		if (!formats[i].make(&made, r, err) ||
		    !output_write(cli, out, buf_slice(&made), 0644, err))
			return error_context(err, "writing the %s", formats[i].word);
		if (strcmp(out->path, "-") != 0)
			output_say(cli, "%s  %s", formats[i].word, out->path);
	}
	return true;
}

static void say_rest(const struct cli *cli, const struct gathering *g, size_t rows)
{
	if (g->e.count == 0)
		output_say(cli, "nothing found that has an end date");
	else if (rows == 0)
		output_say(cli, "nothing ends by then; %zu %s looked at", g->e.count,
		           plural(g->e.count, "thing was", "things were"));
	if (g->e.without_end > 0)
		output_say(cli, "%zu %s no end date (not signed, or for the store)",
		           g->e.without_end,
		           plural(g->e.without_end, "app has", "apps have"));
	if (g->e.locked > 0)
		output_say(cli, "%zu %s not opened: -P @env:NAME", g->e.locked,
		           plural(g->e.locked, "file was", "files were"));
}

static bool answer(struct cli *cli, const struct gathering *g,
                   const struct filter *filter, bool to_stdout, struct error *err)
{
	const struct expiry_report all = {
		.e = &g->e, .now_s = filter->now_s, .wanted = is_in_files, .ctx = filter
	};
	struct expiry_report listed = all;
	size_t rows = 0;

	listed.wanted = is_listed;
	for (size_t i = 0; i < g->e.count; i++)
		rows += is_listed(&g->e.items[i], filter);
	cli->answer_is_no = filter->has_within && rows > 0;
	if (!write_files(cli, &all, err))
		return false;
	if (cli->json) {
		json_t *value = expiry_json(&listed);
		json_object_set_new(value, "unread",
		                    json_integer((json_int_t)g->unread));
		return output_json(value, err);
	}
	if (!to_stdout)
		expiry_print(&listed);
	say_rest(cli, g, rows);
	return true;
}

static bool run(struct cli *cli, struct error *err)
{
	AUTO(gathering_free) struct gathering g = { 0 };
	struct filter filter = { .now_s = clock_now(cli->clock),
		                 .has_within = args.within != NULL };
	bool to_stdout = false;

	if ((args.at != NULL && !clock_parse(&filter.now_s, args.at, err)) ||
	    (args.within != NULL &&
	     !expiry_within(&filter.within_s, args.within, filter.now_s, err)))
		return false;
	const bool ok = check_files(&to_stdout, cli, err) && gather(&g, cli, err) &&
	                answer(cli, &g, &filter, to_stdout, err);
	opt_list_free(&args.paths);
	return ok;
}

const struct command cmd_expiry = {
	.name = "expiry",
	.summary = "what ends when, and what breaks then",
	.description =
		"Looks for certificates, .p12 files, profiles and apps, and lists all that\n"
		"ends, the first pain first.  A thing ends when the first of what it stands on\n"
		"does: an app with its certificate, its issuer or its profile, whichever is\n"
		"earliest, in any of its bundles.  BREAKS says what stops with it, among what\n"
		"was found, and in parentheses whose end decides.\n"
		"\n"
		"With --within only what ends by then is listed (what has ended already too),\n"
		"and the exit status is 1 if there is any: for CI and cron.  The files that\n"
		"--ics, --prometheus, --svg and --html write (\"-\" is standard output) have\n"
		"everything all the same.\n"
		"\n"
		"JSON: {\"at\", \"items\": [{\"kind\", \"name\", \"id\", \"type\", \"path\", "
		"\"days\",\n"
		"\"until\", \"own_end\", \"state\", \"decided_by\", \"breaks\", \"places\", "
		"and where\n"
		"they apply \"decided_by_name\", \"decided_in\", \"profiles\", \"apps\",\n"
		"\"devices\", \"all_devices\"}], \"without_end\", \"locked\", \"unread\"}.\n"
		"\n"
		"Exit status 0: done; 1: something ends within; 3: a file that was named could\n"
		"not be read.  What cannot be read in a folder is told on standard error.",
	.examples =
		"  sealring expiry --within 60d\n"
		"  sealring expiry certs/ builds/ --html expiry.html --ics expiry.ics -f\n"
		"  sealring expiry --portal portal --prometheus - | head\n"
		"  sealring expiry Shop.ipa --json --at 2027-03-02",
	.options = options,
	.operands = operands,
	.run = run,
};
