/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signbatch.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/plan_print.h"
#include "cli/signjob.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/plural.h"
#include "util/pool.h"

/* Exit status when inputs failed for different reasons: could not do it. */
#define STATUS_MIXED 3

/* What became of one input. */
struct result {
	char *out;
	bool ok;
	struct error err; /* !ok */
	size_t items, notes;
	json_t *plan; /* with --json; NULL: none */
};

/* Read by all threads; each writes its own results only. */
struct batch {
	const struct signopt *opt;
	const struct inputs *inputs;
	const struct signkit *kit;
	const struct cli *cli; /* for plans that are printed */
	struct cli quiet;      /* one bar for all, not one for each */
	unsigned threads;      /* of one job */
	struct result *results;
	struct term_progress *progress;
};

static void results_free(struct batch *b)
{
	for (size_t i = 0; b->results != NULL && i < b->inputs->count; i++) {
		free(b->results[i].out);
		json_decref(b->results[i].plan);
	}
	free(b->results);
}

static bool sign_one(const struct batch *b, struct signjob *job, struct error *err)
{
	if (!signjob_open(job, err) || !signjob_plan(job, &b->quiet, err))
		return false;
	if (!b->opt->plan)
		return signjob_execute(job, &b->quiet, err);
	/* Plans are made one by one, so they can be printed at once. */
	if (!b->cli->json) {
		output_line("%s", job->in);
		plan_print(&job->plan);
	}
	return true;
}

static bool run_one(void *ctx, size_t i, struct error *err)
{
	struct batch *b = ctx;
	struct result *result = &b->results[i];
	AUTO(signjob_free)
	struct signjob job = { .kit = b->kit,
		               .request = b->kit->request,
		               .in = b->inputs->paths[i],
		               .out = result->out,
		               .force = b->opt->force,
		               .no_judge = b->opt->no_judge };

	(void)err; /* a failure is a result: it does not stop the others */
	job.request.threads = b->threads;
	result->ok = sign_one(b, &job, &result->err);
	if (result->ok) {
		result->items = job.plan.count;
		for (size_t k = 0; k < job.plan.count; k++)
			result->notes += job.plan.steps[k].note_count;
		if (b->cli->json)
			result->plan = plan_json(&job.plan);
	}
	term_progress_add(b->progress, 1);
	return true;
}

/* ---- what is printed ---- */

static json_t *result_json(const struct batch *b, size_t i)
{
	const struct result *r = &b->results[i];
	bool wrote = r->ok && !b->opt->plan;

	return json_pack("{s:o, s:o, s:b, s:o, s:o}", "input",
	                 jsonio_text(b->inputs->paths[i]), "output",
	                 wrote ? jsonio_text(r->out) : json_null(), "ok", r->ok, "plan",
	                 r->plan != NULL ? json_incref(r->plan) : json_null(), "error",
	                 r->ok ? json_null() : output_error_json(&r->err));
}

static bool print_json(const struct batch *b, struct error *err)
{
	AUTO(drop_json) json_t *results = json_array();

	for (size_t i = 0; i < b->inputs->count; i++)
		json_array_append_new(results, result_json(b, i));
	return output_json(json_pack("{s:O}", "results", results), err);
}

static void print_ok(const struct result *r)
{
	term_print(stdout, TERM_OK, "OK       ");
	term_safe(stdout, r->out);
	printf("  %zu %s", r->items, plural(r->items, "item", "items"));
	if (r->notes > 0)
		printf(", %zu %s: see --plan", r->notes,
		       plural(r->notes, "note", "notes"));
	putchar('\n');
}

static void print_failed(const char *in, const struct error *err)
{
	term_print(stdout, TERM_BAD, "BAD      ");
	term_safe(stdout, in);
	fputs(": ", stdout);
	term_safe(stdout, err->message);
	if (err->evidence[0] != '\0') {
		fputs(" (", stdout);
		term_safe(stdout, err->evidence);
		putchar(')');
	}
	putchar('\n');
}

static void print_lines(const struct batch *b)
{
	for (size_t i = 0; i < b->inputs->count; i++) {
		const struct result *r = &b->results[i];

		if (!r->ok)
			print_failed(b->inputs->paths[i], &r->err);
		else if (!b->opt->plan)
			print_ok(r);
	}
}

/* That of the failures, if they agree. */
static void set_exit_status(struct cli *cli, const struct batch *b)
{
	size_t failed = 0;

	for (size_t i = 0; i < b->inputs->count; i++) {
		if (b->results[i].ok)
			continue;
		int status = error_exit_status(b->results[i].err.code);
		bool agrees = failed++ == 0 || cli->exit_status == status;

		cli->exit_status = agrees ? status : STATUS_MIXED;
	}
	if (failed > 0)
		output_say(cli, "%zu of %zu failed", failed, b->inputs->count);
}

/* ---- before the first ---- */

static bool check_options(const struct signopt *opt, const struct inputs *inputs,
                          struct error *err)
{
	const char *which = opt->bundle_id != NULL    ? "--bundle-id"
	                    : opt->identifier != NULL ? "--identifier"
	                                              : NULL;

	if (!signjob_check_output(opt, err))
		return false;
	if (which == NULL || inputs->count < 2)
		return true;
	error_set(err, ERROR_USAGE, "%s would give %zu inputs one and the same id",
	          which, inputs->count);
	return error_hint(err, "Name each new id: --map OLD=NEW");
}

/* A folder for the outputs; made only when something will be written. */
static bool check_folder(const char *out, struct error *err)
{
	AUTO(drop_str) char *info = mem_format("%s/Info.plist", out);
	struct stat st;

	if (stat(out, &st) != 0)
		return file_make_dir(out, 0755, err);
	if (S_ISDIR(st.st_mode) && access(info, F_OK) != 0)
		return true;
	error_set(err, ERROR_USAGE, "\"%s\" is %s, not a folder for several outputs",
	          out, S_ISDIR(st.st_mode) ? "an app" : "a file");
	return error_hint(err, "With several inputs, or a folder or list of them, -o "
	                       "names a folder.");
}

static void name_outputs(struct batch *b)
{
	for (size_t i = 0; i < b->inputs->count; i++) {
		AUTO(drop_str) char *name = inputs_name(b->inputs->paths[i]);

		b->results[i].out =
			mem_format("%s/%s", b->opt->out != NULL ? b->opt->out : ".",
		                   name);
	}
}

bool signbatch_run(const struct signopt *opt, const struct inputs *inputs,
                   struct cli *cli, struct error *err)
{
	AUTO(signkit_free) struct signkit kit = { 0 };
	AUTO(results_free)
	struct batch b = {
		.opt = opt, .inputs = inputs, .kit = &kit, .cli = cli, .quiet = *cli
	};
	size_t jobs = 1;

	assert(inputs->count > 0);
	if (!check_options(opt, inputs, err) || !signkit_load(&kit, opt, cli, err))
		return false;
	if (!opt->plan && !check_folder(opt->out, err))
		return false;
	kit.request.is_one_of_many = inputs->count > 1;
	b.quiet.quiet = true;
	b.results = mem_zero(inputs->count, sizeof *b.results);
	name_outputs(&b);
	if (!opt->plan)
		jobs = inputs->count < kit.request.threads ? inputs->count
		                                           : kit.request.threads;
	b.threads = kit.request.threads / (unsigned)jobs;
	b.progress = output_progress(cli, "signing", inputs->count);
	bool ok = pool_run((unsigned)jobs, inputs->count, run_one, &b, err);
	drop_progress(&b.progress);
	if (!ok)
		return false;
	if (!cli->json)
		print_lines(&b);
	set_exit_status(cli, &b);
	return !cli->json || print_json(&b, err);
}
