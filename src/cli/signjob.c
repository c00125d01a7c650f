/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signjob.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cacheopt.h"
#include "cli/output.h"
#include "cli/plan_print.h"
#include "cli/verdict_print.h"
#include "util/mem.h"
#include "util/plural.h"

void signjob_free(struct signjob *job)
{
	sign_plan_free(&job->plan);
	container_close(&job->container);
	staged_discard(&job->staged);
	verdict_free(&job->verdict);
}

bool signjob_open(struct signjob *job, struct error *err)
{
	staged_recover(job->in);
	if (job->out != NULL)
		staged_recover(job->out);
	return container_open(&job->container, job->in, err);
}

/* Looks for code in every file: of a large app this takes a while. */
bool signjob_plan(struct signjob *job, const struct cli *cli, struct error *err)
{
	AUTO(drop_progress)
	struct term_progress *progress =
		output_progress(cli, "reading", container_bytes(&job->container));

	job->container.progress = progress;
	bool ok = sign_plan_make(&job->plan, &job->container, &job->request, err);
	job->container.progress = NULL;
	cacheopt_save(job->kit->cache, cli);
	return ok;
}

static bool seal(struct signjob *job, const struct cli *cli, const char *path,
                 struct error *err)
{
	AUTO(drop_progress)
	struct term_progress *progress =
		output_progress(cli, "signing", container_bytes(&job->container));

	job->container.progress = progress;
	bool ok = sign_execute(&job->plan, &job->container, &job->request, path, err);
	job->container.progress = NULL;
	return ok;
}

/*
 * The output, by the judge that shares nothing with the signer but hashes: of the
 * input's resources and pages of code, where the output has the same bytes, or symbols;
 * and of new code as a whole, where the bytes that were hashed are those of the output.
 * It does not ask the cache itself, but what the signer took from it is part of that.
 */
static bool judge(struct signjob *job, const struct cli *cli, const char *path,
                  struct error *err)
{
	AUTO(container_close) struct container c = { 0 };
	const struct verify_request request = { .name = job->in,
		                                .trust = &job->kit->trust,
		                                .at_s = job->request.time_s,
		                                .requirement = job->request.requirement,
		                                .earlier = &job->plan.scan,
		                                .threads = job->request.threads };

	scan_drop_images(&job->plan.scan); /* their memory is wanted for the output's */
	if (!container_open(&c, path, err))
		return false;
	AUTO(drop_progress)
	struct term_progress *progress =
		output_progress(cli, "judging", container_bytes(&c));
	c.progress = progress;
	return verify_container(&job->verdict, &c, &request, err);
}

/* Ad hoc code has no identity: that finding is what was asked for. */
static bool is_expected(const struct signjob *job, const struct finding *f)
{
	return job->request.identity == NULL && strcmp(f->rule->id, "sig.adhoc") == 0;
}

static bool check_verdict(const struct signjob *job, struct error *err)
{
	const struct finding *f =
		findings_decisive(&job->verdict.findings, STAGE_LAUNCH);

	if (f == NULL || is_expected(job, f))
		return true;
	error_set(err, ERROR_VERIFY, "the signed app would be refused: %s",
	          f->rule->title);
	error_evidence(err, "%s in \"%s\": expected %s, found %s", f->rule->id,
	               f->bundle, f->expected, f->found);
	return error_hint(err, "%s", f->hint);
}

/* -f replaces an app by an app: never a folder that holds other things. */
static bool check_replaceable(const struct container *c, const char *out,
                              struct error *err)
{
	bool is_folder =
		c->kind == CONTAINER_APP_DIR || c->kind == CONTAINER_ARCHIVE_DIR;
	AUTO(drop_str) char *info = mem_format("%s/Info.plist", out);
	struct stat st;

	if (stat(out, &st) != 0 || !S_ISDIR(st.st_mode) ||
	    (is_folder && access(info, F_OK) == 0))
		return true;
	assert(c->path != NULL);
	const char *slash = strrchr(c->path, '/');
	error_set(err, ERROR_REFUSED, "\"%s\" is a folder, but no app", out);
	error_evidence(err, "the output will be a %s", container_kind_name(c->kind));
	error_cause(err, "The folder was named that the output goes into.");
	return error_hint(err, "Name the output itself: -o %s/%s", out,
	                  slash != NULL ? slash + 1 : c->path);
}

static bool check_free(const struct signjob *job, struct error *err)
{
	struct stat st;

	/* A symlink to nowhere is something too. */
	if (lstat(job->out, &st) != 0)
		return true;
	if (!check_replaceable(&job->container, job->out, err))
		return false;
	if (job->force)
		return true;
	error_set(err, ERROR_EXISTS, "\"%s\" exists already", job->out);
	return error_hint(err, "Name another file, or replace it with -f.");
}

bool signjob_begin(struct signjob *job, struct error *err)
{
	if (job->staged.temp != NULL)
		return true;
	if (!check_free(job, err) || !staged_begin(&job->staged, job->out, err))
		return false;
	job->container.is_replaced = staged_replaces(&job->staged, job->container.path);
	if (job->request.threads > 1)
		container_rewrite_begin(&job->container, job->staged.temp);
	return true;
}

bool signjob_execute(struct signjob *job, const struct cli *cli, struct error *err)
{
	if (!signjob_begin(job, err) || !seal(job, cli, job->staged.temp, err))
		return false;
	if (!job->no_judge && !judge(job, cli, job->staged.temp, err))
		return error_context(err, "judging the signed app");
	if (!check_verdict(job, err) ||
	    (job->container.is_replaced && !container_check_same(&job->container, err)))
		return false;
	return staged_commit(&job->staged, err);
}

static bool report(const struct signjob *job, const struct cli *cli, struct error *err)
{
	const struct verdict *v = &job->verdict;

	if (cli->json) {
		AUTO(drop_json) json_t *plan = plan_json(&job->plan);
		return output_json(json_pack("{s:o, s:b, s:O}", "output",
		                             jsonio_text(job->out), "judged",
		                             !job->no_judge, "plan", plan),
		                   err);
	}
	plan_print_notes(&job->plan);
	output_line("signed   %s", job->out);
	output_line("         %zu %s as %s", job->plan.count,
	            plural(job->plan.count, "item", "items"),
	            job->request.identity != NULL ? job->kit->identity.cert.cn
	                                          : "ad hoc");
	if (job->no_judge)
		output_line("judged   not (--no-judge)");
	else
		output_line("judged   %zu sealed %s, %zu code %s: admitted%s",
		            v->sealed_files, plural(v->sealed_files, "file", "files"),
		            v->code_slices, plural(v->code_slices, "slice", "slices"),
		            v->non_apple_root ? " (by a root that is not Apple's)"
		                              : "");
	output_say(cli, "next:    sealring verify %s --device UDID", job->out);
	return true;
}

bool signjob_check_output(const struct signopt *opt, struct error *err)
{
	if (opt->out != NULL || opt->plan)
		return true;
	error_set(err, ERROR_USAGE, "option \"--output OUT\" is missing");
	return error_hint(err, "Give -o OUT (to replace the input: -o IN -f), or "
	                       "--plan to see what would be done.");
}

/* What -n answers with. */
static bool show_plan(const struct signjob *job, const struct cli *cli,
                      struct error *err)
{
	if (cli->json)
		return output_json(plan_json(&job->plan), err);
	plan_print(&job->plan);
	return true;
}

bool signjob_run(const struct signopt *opt, const char *in, const struct cli *cli,
                 struct error *err)
{
	AUTO(signkit_free) struct signkit kit = { 0 };
	AUTO(signjob_free)
	struct signjob job = { .kit = &kit,
		               .in = in,
		               .out = opt->out,
		               .force = opt->force,
		               .no_judge = opt->no_judge };

	if (!signjob_check_output(opt, err) || !signkit_load(&kit, opt, cli, err))
		return error_context(err, "signing \"%s\"", in);
	job.request = kit.request;
	if (!signjob_open(&job, err) || (!opt->plan && !signjob_begin(&job, err)) ||
	    !signjob_plan(&job, cli, err) ||
	    (!opt->plan && !signjob_execute(&job, cli, err)))
		return error_context(err, "signing \"%s\"", in);
	return opt->plan ? show_plan(&job, cli, err) : report(&job, cli, err);
}
