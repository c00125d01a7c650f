/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign - seal an app, and judge the result before it is called done
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cacheopt.h"
#include "cli/commands.h"
#include "cli/identityopt.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/plan_print.h"
#include "cli/requirementopt.h"
#include "cli/trustopt.h"
#include "cli/verdict_print.h"
#include "sign/sign.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/pool.h"
#include "util/staged.h"

#define ENTITLEMENTS_FILE_MAX ((size_t)1 << 20)

static struct {
	const char *in, *out, *entitlements, *identifier, *roots, *page_size, *level;
	const char *identity_word, *requirement, *cache;
	struct identityopt identity;
	struct opt_list profiles;
	bool plan, force;
} args;

static const struct operand operands[] = {
	{ .name = "IN",
	  .text = &args.in,
	  .hint = OPT_FILE,
	  .help = "an .ipa, .app, .xcarchive, a .zip of one, or a Mach-O file" },
	{ 0 },
};

static const char *const identity_words[] = { "-", NULL };
static const char *const page_sizes[] = { "4096", "16384", NULL };

static const struct opt options[] = {
	{ .letter = 'o',
	  .name = "output",
	  .text = &args.out,
	  .value = "OUT",
	  .hint = OPT_FILE,
	  .help = "where the signed app goes (may be IN, with -f)" },
	{ .name = "p12",
	  .text = &args.identity.p12,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "the identity: key and certificate in a PKCS#12 file" },
	{ .letter = 'P',
	  .name = "password",
	  .text = &args.identity.password,
	  .value = "WHERE",
	  .help = PASSWORD_HELP },
	{ .letter = 'k',
	  .name = "key",
	  .text = &args.identity.key,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "the private key, with --cert" },
	{ .letter = 'c',
	  .name = "cert",
	  .text = &args.identity.cert,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "the certificate, with --key" },
	{ .letter = 's',
	  .name = "identity",
	  .text = &args.identity_word,
	  .value = "-",
	  .choices = identity_words,
	  .help = "\"-\" signs ad hoc: no identity, no profile" },
	{ .letter = 'm',
	  .name = "profile",
	  .list = &args.profiles,
	  .value = "[BUNDLE_ID=]FILE",
	  .hint = OPT_FILE,
	  .help = "a provisioning profile; may be given several times" },
	{ .name = "entitlements",
	  .text = &args.entitlements,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "entitlements of the app (default: its own, as far as the profile "
	          "allows)" },
	{ .letter = 'i',
	  .name = "identifier",
	  .text = &args.identifier,
	  .value = "ID",
	  .help = "identifier of a bare Mach-O file" },
	{ .letter = 'r',
	  .name = "requirement",
	  .text = &args.requirement,
	  .value = "TEXT|@FILE",
	  .help = "the app's designated requirement, " REQUIREMENT_HELP },
	{ .name = "page-size",
	  .text = &args.page_size,
	  .value = "BYTES",
	  .choices = page_sizes,
	  .help = "of code pages; default 4096" },
	{ .name = "compress",
	  .text = &args.level,
	  .value = "0..12",
	  .help = "how hard to deflate changed files; default 6" },
	CACHE_OPTION(args.cache),
	{ .name = "roots",
	  .text = &args.roots,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = ROOTS_HELP },
	{ .letter = 'n',
	  .name = "plan",
	  .flag = &args.plan,
	  .help = "print what would be done, and stop" },
	{ .letter = 'f',
	  .name = "force",
	  .flag = &args.force,
	  .help = "replace OUT if it is there" },
	{ 0 },
};

/* A profile file that -m names, loaded. */
struct loaded_profile {
	char *bundle_id; /* NULL: for every bundle it covers */
	struct buf bytes;
	struct profile profile;
};

struct job {
	struct identity identity;
	struct trust trust;
	struct container container;
	struct loaded_profile *profiles;
	struct sign_profile *sign_profiles;
	struct pl *entitlements;
	struct buf requirement;
	struct sign_request request;
	struct sign_plan plan;
	struct hash_cache *cache;
};

static void job_free(struct job *job)
{
	sign_plan_free(&job->plan);
	drop_hash_cache(&job->cache);
	for (size_t i = 0; job->profiles != NULL && i < args.profiles.count; i++) {
		free(job->profiles[i].bundle_id);
		profile_free(&job->profiles[i].profile);
		buf_free(&job->profiles[i].bytes);
	}
	free(job->profiles);
	free(job->sign_profiles);
	pl_free(job->entitlements);
	buf_free(&job->requirement);
	container_close(&job->container);
	trust_free(&job->trust);
	identity_free(&job->identity);
	opt_list_free(&args.profiles);
}

/* "com.acme.shop=File" or "File"; a file whose name has a '=' wins if it is there. */
static bool load_profile(struct loaded_profile *out, const char *given,
                         struct error *err)
{
	const char *equals = strchr(given, '=');
	const char *file = given;

	if (equals != NULL && access(given, F_OK) != 0) {
		out->bundle_id = mem_str(given, (size_t)(equals - given));
		file = equals + 1;
	}
	out->bytes = BUF_INIT(PROFILE_MAX_BYTES);
	if (!file_read(&out->bytes, file, err))
		return false;
	if (!profile_parse(&out->profile, buf_slice(&out->bytes), err))
		return error_context(err, "reading the profile \"%s\"", file);
	return true;
}

static bool load_profiles(struct job *job, struct error *err)
{
	size_t n = args.profiles.count;

	if (n == 0)
		return true;
	job->profiles = mem_zero(n, sizeof *job->profiles);
	job->sign_profiles = mem_zero(n, sizeof *job->sign_profiles);
	for (size_t i = 0; i < n; i++) {
		struct loaded_profile *p = &job->profiles[i];

		if (!load_profile(p, args.profiles.items[i], err))
			return false;
		job->sign_profiles[i] = (struct sign_profile){
			.bundle_id = p->bundle_id,
			.profile = &p->profile,
			.bytes = buf_slice(&p->bytes),
			.file = args.profiles.items[i],
		};
	}
	job->request.profiles = job->sign_profiles;
	job->request.profile_count = n;
	return true;
}

static bool load_entitlements(struct job *job, struct error *err)
{
	AUTO(buf_free) struct buf file = BUF_INIT(ENTITLEMENTS_FILE_MAX);

	if (args.entitlements == NULL)
		return true;
	if (!file_read(&file, args.entitlements, err) ||
	    !pl_parse(&job->entitlements, buf_slice(&file), "entitlements", err))
		return error_context(err, "reading the entitlements \"%s\"",
		                     args.entitlements);
	if (job->entitlements->type != PL_DICT)
		return error_set(err, ERROR_FORMAT,
		                 "entitlements \"%s\" are not a dictionary",
		                 args.entitlements);
	job->request.entitlements = job->entitlements;
	return true;
}

static bool load_requirement(struct job *job, struct error *err)
{
	job->requirement = BUF_INIT(REQUIREMENT_MAX_BYTES);
	if (args.requirement == NULL)
		return true;
	if (!requirementopt_load(&job->requirement, args.requirement, err))
		return false;
	job->request.requirement = buf_slice(&job->requirement);
	return true;
}

static bool load_identity(struct job *job, struct error *err)
{
	if (args.identity_word != NULL) {
		if (args.profiles.count > 0)
			return error_set(err, ERROR_USAGE,
			                 "ad hoc signing (-s -) takes no profile");
		return trustopt_load(&job->trust, args.roots, err);
	}
	if (!identityopt_load(&job->identity, &args.identity, err) ||
	    !trustopt_for_identity(&job->trust, args.roots, &job->identity, err))
		return false;
	job->request.identity = &job->identity;
	job->request.key = key_signer(&job->identity.key);
	return true;
}

static bool parse_level(int *out, struct error *err)
{
	char *end = NULL;

	*out = 6;
	if (args.level == NULL)
		return true;
	long level = strtol(args.level, &end, 10);
	if (end == args.level || *end != '\0' || level < 0 || level > 12)
		return error_set(
			err, ERROR_USAGE,
			"option \"--compress\" cannot be \"%s\": it is 0 to 12",
			args.level);
	*out = (int)level;
	return true;
}

/* Looks for code in every file: of a large app this takes a while. */
static bool plan(struct job *job, const struct cli *cli, struct error *err)
{
	AUTO(drop_progress)
	struct term_progress *progress =
		output_progress(cli, "reading", container_bytes(&job->container));

	job->container.progress = progress;
	bool ok = sign_plan_make(&job->plan, &job->container, &job->request, err);
	job->container.progress = NULL;
	cacheopt_save(job->cache, cli);
	return ok;
}

static bool seal(struct job *job, const struct cli *cli, const char *path,
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

static bool prepare(struct job *job, const struct cli *cli, struct error *err)
{
	bool wide = args.page_size != NULL && strcmp(args.page_size, "16384") == 0;

	job->request = (struct sign_request){
		.trust = &job->trust,
		.identifier = args.identifier,
		.page_size_log2 = wide ? 14 : 12,
		.time_s = clock_now(cli->clock),
		.threads = pool_default_threads(),
	};
	if (!parse_level(&job->request.level, err))
		return false;
	if (args.out == NULL && !args.plan) {
		error_set(err, ERROR_USAGE, "option \"--output OUT\" is missing");
		return error_hint(err, "Give -o OUT (to replace the input: -o IN -f), "
		                       "or --plan to see what would be done.");
	}
	if (!cacheopt_open(&job->cache, args.cache, cli, err))
		return false;
	job->request.cache = job->cache;
	return load_requirement(job, err) && load_identity(job, err) &&
	       load_profiles(job, err) && load_entitlements(job, err) &&
	       container_open(&job->container, args.in, err) && plan(job, cli, err);
}

/* The output, by the judge that shares nothing with the signer but what the input's
 * resources hash to: those that are the same bytes in the output are compared.  The
 * judge does not ask the cache itself; but what the signer took from it is part of
 * what they share. */
static bool judge(struct verdict *out, const struct job *job, const struct cli *cli,
                  const char *path, struct error *err)
{
	AUTO(container_close) struct container c = { 0 };
	const struct verify_request request = { .trust = &job->trust,
		                                .at_s = job->request.time_s,
		                                .requirement = job->request.requirement,
		                                .earlier = &job->plan.scan,
		                                .threads = job->request.threads };

	if (!container_open(&c, path, err))
		return false;
	AUTO(drop_progress)
	struct term_progress *progress =
		output_progress(cli, "judging", container_bytes(&c));
	c.progress = progress;
	return verify_container(out, &c, &request, err);
}

/* Ad hoc code has no identity: that finding is what was asked for. */
static bool is_expected(const struct finding *f)
{
	return args.identity_word != NULL && strcmp(f->rule->id, "sig.adhoc") == 0;
}

static bool check_output(const struct verdict *v, struct error *err)
{
	const struct finding *f = findings_decisive(&v->findings, STAGE_LAUNCH);

	if (f == NULL || is_expected(f))
		return true;
	error_set(err, ERROR_VERIFY, "the signed app would be refused: %s",
	          f->rule->title);
	error_evidence(err, "%s in \"%s\": expected %s, found %s", f->rule->id,
	               f->bundle, f->expected, f->found);
	return error_hint(err, "%s", f->hint);
}

/* -f replaces an app by an app: never a folder that holds other things. */
static bool check_replaceable(const struct container *c, struct error *err)
{
	bool is_folder =
		c->kind == CONTAINER_APP_DIR || c->kind == CONTAINER_ARCHIVE_DIR;
	AUTO(drop_str) char *info = mem_format("%s/Info.plist", args.out);
	struct stat st;

	if (stat(args.out, &st) != 0 || !S_ISDIR(st.st_mode) ||
	    (is_folder && access(info, F_OK) == 0))
		return true;
	assert(c->path != NULL);
	const char *slash = strrchr(c->path, '/');
	error_set(err, ERROR_REFUSED, "\"%s\" is a folder, but no app", args.out);
	error_evidence(err, "the output will be a %s", container_kind_name(c->kind));
	return error_hint(err, "Name the output itself: -o %s/%s", args.out,
	                  slash != NULL ? slash + 1 : c->path);
}

static bool check_free(const struct container *c, struct error *err)
{
	if (access(args.out, F_OK) != 0)
		return true;
	if (!check_replaceable(c, err))
		return false;
	if (args.force)
		return true;
	error_set(err, ERROR_EXISTS, "\"%s\" exists already", args.out);
	return error_hint(err, "Name another file, or replace it with -f.");
}

/* Sign beside the final place, judge, and only then move there. */
static bool execute(struct job *job, struct verdict *v, const struct cli *cli,
                    struct error *err)
{
	if (!check_free(&job->container, err))
		return false;
	AUTO(staged_discard) struct staged staged = { 0 };
	if (!staged_begin(&staged, args.out, err))
		return false;
	if (!seal(job, cli, staged.temp, err))
		return false;
	if (!judge(v, job, cli, staged.temp, err))
		return error_context(err, "judging the signed app");
	if (!check_output(v, err))
		return false;
	return staged_commit(&staged, err);
}

static bool report(const struct job *job, const struct verdict *v,
                   const struct cli *cli, struct error *err)
{
	if (cli->json) {
		AUTO(drop_json) json_t *plan = plan_json(&job->plan);
		return output_json(json_pack("{s:o, s:O}", "output",
		                             jsonio_text(args.out), "plan", plan),
		                   err);
	}
	plan_print_notes(&job->plan);
	output_line("signed   %s", args.out);
	output_line("         %zu item%s as %s", job->plan.count,
	            job->plan.count == 1 ? "" : "s",
	            job->request.identity != NULL ? job->identity.cert.cn : "ad hoc");
	output_line("judged   %zu sealed files, %zu code slices: admitted%s",
	            v->sealed_files, v->code_slices,
	            v->non_apple_root ? " (by a root that is not Apple's)" : "");
	output_say(cli, "next:    sealring verify %s --device UDID", args.out);
	return true;
}

static bool run(struct cli *cli, struct error *err)
{
	AUTO(job_free) struct job job = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };

	if (!prepare(&job, cli, err))
		return error_context(err, "signing \"%s\"", args.in);
	if (args.plan) {
		if (cli->json)
			return output_json(plan_json(&job.plan), err);
		plan_print(&job.plan);
		return true;
	}
	if (!execute(&job, &v, cli, err))
		return error_context(err, "signing \"%s\"", args.in);
	return report(&job, &v, cli, err);
}

const struct command cmd_sign = {
	.name = "sign",
	.summary = "seal an app with an identity and profiles",
	.description =
		"Replaces whatever signature is there, deepest bundle first, and judges the\n"
		"result before it reports success.  The input is not changed unless it is\n"
		"also the output, which takes -f; then it is replaced in one step.\n"
		"\n"
		"Each app and extension gets the profile given for its bundle id, or the most\n"
		"specific one that covers it.  Entitlements are the app's own as far as its\n"
		"profile allows them; what is dropped is said.  --plan says which profile is\n"
		"taken, and why.",
	.examples =
		"  sealring sign Shop.ipa -o Out.ipa --p12 dist.p12 -P @env:PW -m "
		"Shop.mobileprovision\n"
		"  sealring sign Shop.app -o Out.app -k dist.key -c dist.cer -m "
		"App.mobileprovision -m com.acme.shop.share=Share.mobileprovision\n"
		"  sealring sign Shop.ipa --p12 dist.p12 -m Any.mobileprovision --plan",
	.options = options,
	.operands = operands,
	.run = run,
};
