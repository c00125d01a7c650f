/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect - who, what, where, until when and how, for any file
 */
#include <stdlib.h>
#include <string.h>

#include "artifact/find.h"
#include "cli/commands.h"
#include "cli/inspect.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/trustopt.h"
#include "picture/picture.h"
#include "util/mem.h"
#include "xcode/project.h"

static struct {
	struct opt_list files;
	const char *only, *password, *roots, *diff, *at;
	struct output svg;
	bool is_short, raw;
} args;

static const struct operand operands[] = {
	{ .name = "FILE",
	  .list = &args.files,
	  .hint = OPT_FILE,
	  .help = "an app, Mach-O, profile, certificate, key, .p12, request, "
	          "entitlements, export options or Xcode project; or a folder of them" },
	{ 0 },
};

static const struct opt options[] = {
	{ .name = "short", .flag = &args.is_short, .help = "one line a file" },
	{ .name = "only",
	  .text = &args.only,
	  .value = "QUESTIONS",
	  .help = "some of who,what,where,until,how, and these in full" },
	{ .name = "diff",
	  .text = &args.diff,
	  .value = "OTHER",
	  .hint = OPT_FILE,
	  .help = "what is different in this file; exit status 1 if anything is" },
	{ .name = "raw",
	  .flag = &args.raw,
	  .help = "what is inside, byte for byte: the property list, DER or PEM" },
	{ .name = "svg",
	  .text = &args.svg.path,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "draw the table of entitlements: what the app has, what its profile "
	          "allows" },
	FORCE_OPTION(args.svg),
	{ .name = "at",
	  .text = &args.at,
	  .value = "DATE",
	  .help = "count days from this date (2027-03-02, UTC); default: now" },
	PASSWORD_OPTION(args.password, PASSWORD_HELP),
	ROOTS_OPTION(args.roots),
	{ 0 },
};

/* What all files are looked at with. */
struct world {
	const struct cli *cli;
	struct trust trust;
	struct secret password;
	struct artifact_how how;
	struct inspect_view view;
};

static void world_free(struct world *w)
{
	trust_free(&w->trust);
	secret_free(&w->password);
}

/* w->how points into *w, which must not move. */
static bool world_make(struct world *w, const struct cli *cli, struct error *err)
{
	w->cli = cli;
	w->view = (struct inspect_view){ .questions = ASK_ALL,
		                         .is_full = args.only != NULL,
		                         .now_s = clock_now(cli->clock) };
	if (args.only != NULL &&
	    !inspect_parse_only(&w->view.questions, args.only, err))
		return false;
	if (args.at != NULL && !clock_parse(&w->view.now_s, args.at, err))
		return false;
	if (!trustopt_load(&w->trust, args.roots, err))
		return false;
	w->how.trust = &w->trust;
	/* One line does not say who signed a profile. */
	w->how.skip_profile_check = args.is_short && !cli->json;
	if (args.password == NULL)
		return true;
	w->how.password = &w->password;
	return password_read(&w->password, args.password, "password", false, err);
}

/* ---- one file ---- */

/* Projects are read when they are told of; a broken one is an error before. */
static bool can_open(const char *path, struct error *err)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };

	return xcode_project_open(&p, path, err);
}

static bool read_one(struct artifact *out, const char *path, const struct world *w,
                     struct error *err)
{
	if (artifact_read(out, path, &w->how, err) &&
	    (out->kind != ARTIFACT_PROJECT || can_open(path, err)))
		return true;
	artifact_free(out);
	return error_context(err, "inspecting \"%s\"", path);
}

/* Somebody who asks of one file wants to know all: the password is asked for. */
static bool read_open(struct artifact *out, const char *path, const struct world *w,
                      struct error *err)
{
	AUTO(secret_free) struct secret password = { 0 };
	struct artifact_how how = w->how;
	AUTO(drop_str) char *prompt = mem_format("password of \"%s\"", path);

	if (!read_one(out, path, w, err))
		return false;
	if (!out->is_locked)
		return true;
	artifact_free(out);
	how.password = &password;
	return (password_read(&password, NULL, prompt, false, err) &&
	        artifact_read(out, path, &how, err)) ||
	       error_context(err, "inspecting \"%s\"", path);
}

static void tell(const struct artifact *a, const struct world *w)
{
	AUTO(answers_free) struct answers answers = { 0 };

	inspect_answer(&answers, a, &w->view);
	if (args.is_short)
		inspect_print_short(&answers, a->path, &w->view);
	else
		inspect_print(&answers, a->path, &w->view);
}

/* ---- many files ---- */

static bool add_folder(struct artifact_list *list, const char *dir,
                       const struct cli *cli, struct error *err)
{
	const struct artifact_find_how no_limits = { 0 };
	AUTO(artifact_list_free) struct artifact_list found = { 0 };

	if (!artifact_find(&found, dir, &no_limits, err))
		return false;
	if (found.count == 0) {
		error_set(err, ERROR_NOT_FOUND,
		          "there is nothing that signing knows in the folder \"%s\"",
		          dir);
		error_evidence(err,
		               "%zu names looked at: no app, profile, "
		               "certificate, key, .p12, request, entitlements "
		               "or export options",
		               found.looked);
		error_cause(err, "They are elsewhere, or have names that do not tell.");
		return error_hint(err, "ls -R '%s'", dir);
	}
	if (found.cut != NULL)
		output_say(cli, "warning: \"%s\": not all was looked at: %s", dir,
		           found.cut);
	if (found.unreadable > 0)
		output_say(cli, "warning: \"%s\": folders that cannot be read: %zu",
		           dir, found.unreadable);
	for (size_t i = 0; i < found.count; i++) {
		list->items = mem_grow(list->items, list->count, &list->cap,
		                       sizeof *list->items);
		list->items[list->count++] = found.items[i];
		found.items[i].path = NULL;
	}
	return true;
}

struct progress {
	json_t *list;    /* NULL: text */
	size_t shown;    /* files so far */
	int exit_status; /* of the first that failed */
};

/* A file that cannot be read is told in its turn, and does not stop the others. */
static void note_failure(struct progress *p, const char *path, const struct cli *cli,
                         struct error *err)
{
	if (p->exit_status == 0)
		p->exit_status = error_exit_status(err->code);
	if (p->list != NULL) {
		json_array_append_new(p->list,
		                      json_pack("{s:o, s:o}", "file", jsonio_text(path),
		                                "error", output_error_json(err)));
	} else {
		fflush(stdout);
		output_error(cli, err);
	}
	error_clear(err);
}

static void inspect_next(struct progress *p, const char *path, const struct world *w)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };

	if (!read_one(&a, path, w, &err)) {
		note_failure(p, path, w->cli, &err);
		return;
	}
	if (p->list != NULL) {
		json_array_append_new(p->list, inspect_json(&a, &w->view));
		return;
	}
	if (p->shown++ > 0 && !args.is_short)
		putchar('\n');
	tell(&a, w);
}

static bool inspect_many(struct cli *cli, const struct world *w, struct error *err)
{
	AUTO(drop_json) json_t *list = cli->json ? json_array() : NULL;
	struct progress p = { .list = list };

	for (size_t i = 0; i < args.files.count; i++) {
		AUTO(artifact_list_free) struct artifact_list inside = { 0 };
		const char *path = args.files.items[i];
		struct error one = { 0 };

		if (!artifact_find_is_for(path)) {
			inspect_next(&p, path, w);
			continue;
		}
		if (!add_folder(&inside, path, cli, &one))
			note_failure(&p, path, cli, &one);
		for (size_t j = 0; j < inside.count; j++)
			inspect_next(&p, inside.items[j].path, w);
	}
	cli->exit_status = p.exit_status;
	return !cli->json || output_json(json_pack("{s:O, s:i}", "files", list, "exit",
	                                           p.exit_status),
	                                 err);
}

static bool inspect_single(const struct cli *cli, const struct world *w,
                           struct error *err)
{
	AUTO(artifact_free) struct artifact a = { 0 };

	if (!read_open(&a, args.files.items[0], w, err))
		return false;
	if (cli->json)
		return output_json(json_pack("{s:[o], s:i}", "files",
		                             inspect_json(&a, &w->view), "exit", 0),
		                   err);
	tell(&a, w);
	return true;
}

/* ---- two files, and bytes ---- */

static bool compare(struct cli *cli, const struct world *w, struct error *err)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	AUTO(artifact_free) struct artifact b = { 0 };
	bool same = true;

	if (!read_open(&a, args.files.items[0], w, err) ||
	    !read_open(&b, args.diff, w, err) ||
	    !inspect_diff(&same, &a, &b, &w->view, cli->json, err))
		return false;
	cli->answer_is_no = !same;
	return true;
}

static bool print_raw(const struct world *w, struct error *err)
{
	AUTO(artifact_free) struct artifact a = { 0 };

	return read_one(&a, args.files.items[0], w, err) && inspect_raw(&a, err);
}

static bool draw(const struct cli *cli, const struct world *w, struct error *err)
{
	AUTO(artifact_free) struct artifact a = { 0 };
	AUTO(buf_free) struct buf svg = BUF_INIT(PICTURE_MAX_BYTES);

	if (!output_check(cli, &args.svg, err) ||
	    !read_open(&a, args.files.items[0], w, err) ||
	    !inspect_svg(&svg, &a, err) ||
	    !output_write(cli, &args.svg, buf_slice(&svg), 0644, err))
		return false;
	if (strcmp(args.svg.path, "-") != 0)
		output_say(cli, "drawing  %s", args.svg.path);
	return true;
}

static bool check_options(const struct cli *cli, struct error *err)
{
	bool is_one = args.files.count == 1;

	if (args.svg.path != NULL &&
	    (!is_one || args.raw || args.diff != NULL || args.is_short || cli->json ||
	     artifact_find_is_for(args.files.items[0])))
		return error_set(err, ERROR_USAGE,
		                 "--svg draws one FILE: no folder, and none of --raw, "
		                 "--diff, --short and --json");

	if (args.raw && (args.diff != NULL || args.is_short || cli->json))
		return error_set(err, ERROR_USAGE,
		                 "--raw is bytes: --diff, --short and --json do not "
		                 "go with it");
	if (args.diff != NULL && args.is_short)
		return error_set(err, ERROR_USAGE,
		                 "--diff and --short do not go together");
	if (!is_one && (args.raw || args.diff != NULL))
		return error_set(err, ERROR_USAGE, "%s is for one FILE",
		                 args.raw ? "--raw" : "--diff OTHER");
	return true;
}

static bool run_with(struct cli *cli, struct error *err)
{
	AUTO(world_free) struct world w = { 0 };

	if (!check_options(cli, err) || !world_make(&w, cli, err))
		return false;
	if (args.svg.path != NULL)
		return draw(cli, &w, err);
	if (args.raw)
		return print_raw(&w, err);
	if (args.diff != NULL)
		return compare(cli, &w, err);
	if (args.files.count == 1 && !artifact_find_is_for(args.files.items[0]))
		return inspect_single(cli, &w, err);
	return inspect_many(cli, &w, err);
}

static bool run(struct cli *cli, struct error *err)
{
	bool ok = run_with(cli, err);

	opt_list_free(&args.files);
	return ok;
}

const struct command cmd_inspect = {
	.name = "inspect",
	.alias = "show",
	.summary = "who, what, where, until when and how, for any file",
	.description =
		"Answers the five questions of code signing from the bytes of the file:\n"
		"WHO signed or may sign, WHAT app, WHERE it may run, UNTIL when, HOW much it\n"
		"may do.  The content decides what kind of file it is.  \"sealring show\" is\n"
		"the same.\n"
		"\n"
		"UNTIL is the earliest of all that ends: certificate, issuer, profile; the\n"
		"order says which decides.  WARN: it has ended, or does within 30 days.\n"
		"\n"
		"Of a folder all that it has is inspected.  A file that cannot be read does\n"
		"not stop the others.  Of several files, those whose password is not given\n"
		"are told to be locked; of one the password is asked for.\n"
		"\n"
		"--diff compares two files, also of two kinds: a profile and an app, say,\n"
		"in what both answer.\n"
		"\n"
		"This describes; it does not judge: see \"sealring verify\".\n"
		"\n"
		"Exit status 0: told; 1: --diff found a difference; 3: a file could not be\n"
		"read; 4: a password is wrong or missing.",
	.examples =
		"  sealring inspect Shop.ipa\n"
		"  sealring inspect --short *.mobileprovision\n"
		"  sealring inspect --only who,until dist.p12 -P @env:PW\n"
		"  sealring inspect Old.mobileprovision --diff New.mobileprovision\n"
		"  sealring inspect --raw Shop.mobileprovision > Shop.plist",
	.options = options,
	.operands = operands,
	.run = run,
};
