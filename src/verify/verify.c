/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/verify.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/issue.h"
#include "util/mem.h"
#include "verify/verify_impl.h"

#define INFO_MAX_BYTES ((size_t)16 << 20)

/* Loaded by a program, in no bundle of its own. */
static bool is_loose_library(const struct subject *s)
{
	return s->bundle->kind == BUNDLE_LOOSE && s->bundle->depth > 0 && s->has_code &&
	       !macho_is_main(&s->macho.slices[0]);
}

static bool is_seen_at_launch(const char *id)
{
	const struct rule *rule = rule_find(id);

	return rule->severity == FINDING_BLOCK && rule->stage == STAGE_INSTALL &&
	       strcmp(id, "macho.encrypted") != 0;
}

/* The app, its extensions, apps inside, and then what they load (9.1 step 5). */
static unsigned item_order(const struct judgement *j, const struct subject *s)
{
	static const unsigned ranks[] = {
		[BUNDLE_APP] = 0,    [BUNDLE_APPEX] = 1,     [BUNDLE_XPC] = 1,
		[BUNDLE_CLIP] = 2,   [BUNDLE_WATCH_APP] = 2, [BUNDLE_FRAMEWORK] = 3,
		[BUNDLE_XCTEST] = 3, [BUNDLE_PLAIN] = 3,     [BUNDLE_LOOSE] = 4,
	};
	unsigned rank = s->bundle->depth == 0 ? 0 : ranks[s->bundle->kind];

	return rank << 16 | (unsigned)(s - j->subjects); /* BUNDLE_MAX_CODE fits */
}

void report(struct judgement *j, const struct subject *s, const char *rule,
            char *expected, char *found, char *hint)
{
	if (is_loose_library(s) && is_seen_at_launch(rule))
		rule = "lib.bad-signature";
	findings_add(j->to, rule, s->bundle->path, item_order(j, s), expected, found,
	             hint);
}

const struct subject *parent_subject(const struct judgement *j, const struct subject *s)
{
	for (size_t i = 0; i < j->tree.count; i++)
		if (j->tree.items[i] == s->bundle->parent)
			return &j->subjects[i];
	return s;
}

int64_t judge_time(const struct judgement *j, const struct cms *cms)
{
	if (j->request->at_signing_time && cms->signing_time_s != 0)
		return cms->signing_time_s;
	return j->request->at_s;
}

static void subject_free(struct subject *s)
{
	buf_free(&s->profile_bytes);
	profile_free(&s->profile);
	free(s->team);
	free(s->signer_cn);
	free(s->identifier);
	free(s->old_form);
	free(s->cert_text);
	pl_free(s->entitlements);
	buf_free(&s->resources);
	buf_free(&s->info);
}

static void judgement_free(struct judgement *j)
{
	for (size_t i = 0; j->subjects != NULL && i < j->tree.count; i++)
		subject_free(&j->subjects[i]);
	free(j->subjects);
	bundle_tree_free(&j->tree);
	scan_free(&j->scan);
}

/* ---- reading ---- */

static bool read_if_there(struct buf *out, bool *has, const struct container *c,
                          char *path, size_t max, struct error *err)
{
	AUTO(drop_str) char *owned = path;
	const struct container_file *file = container_find(c, owned);

	*out = BUF_INIT(max);
	if (file == NULL || file->type != CONTAINER_FILE)
		return true;
	*has = true;
	return container_read(out, c, file, err);
}

static bool read_subject(struct judgement *j, struct subject *s, struct error *err)
{
	const struct bundle *b = s->bundle;
	const struct container_file *file = container_find(j->c, b->code);

	if (b->kind != BUNDLE_LOOSE &&
	    (!read_if_there(&s->info, &s->has_info, j->c, bundle_info_path(b),
	                    INFO_MAX_BYTES, err) ||
	     !read_if_there(&s->resources, &s->has_resources, j->c,
	                    bundle_resources_path(b), RESOURCES_MAX_BYTES, err)))
		return false;
	if (file == NULL || file->type != CONTAINER_FILE)
		return true;
	const struct scan_file *scanned = scan_find(&j->scan, file);
	if (b->problem != NULL)
		return true;
	s->code = scanned->code;
	s->has_code = s->code != NULL;
	if (s->has_code)
		s->macho = s->code->m;
	else
		report(j, s, "macho.malformed", mem_copy("a sound Mach-O file"),
		       mem_copy(scanned->broken != NULL ? scanned->broken
		                                        : "something else"),
		       NULL);
	return true;
}

static enum judge_as judge_slice_as(enum macho_platform p)
{
	if (macho_platform_is_simulator(p))
		return JUDGE_SIMULATOR;
	return p == MACHO_PLATFORM_MACOS || p == MACHO_PLATFORM_CATALYST ? JUDGE_MACOS
	                                                                 : JUDGE_DEVICE;
}

/* The app's own code says what is judged; one slice for devices is enough. */
static enum judge_as judge_as(const struct subject *app)
{
	enum judge_as as = JUDGE_DEVICE;

	for (size_t i = 0; app->has_code && i < app->macho.count; i++) {
		as = judge_slice_as(app->macho.slices[i].platform);
		if (as == JUDGE_DEVICE)
			break;
	}
	return as;
}

/* A list that cannot be read revokes nothing: that must not go unnoticed. */
static bool check_crl(const struct verify_request *request, struct error *err)
{
	const struct cert *root = trust_first_root(request->trust);
	bool ignored = false;

	if (request->crl.n == 0 || root == NULL ||
	    crl_revokes(&ignored, request->crl, root, root, err))
		return true;
	return error_context(err, "reading the revocation list");
}

static bool read_all(struct judgement *j, struct error *err)
{
	const struct scan_how how = { .page_size = CODE_PAGE_SIZE,
		                      .hash_code = true,
		                      .earlier = j->request->earlier,
		                      .threads = j->request->threads };

	if (!scan_app(&j->scan, j->c, &how, err) ||
	    !bundle_find(&j->tree, j->c, &j->scan, err))
		return false;
	j->subjects = mem_zero(j->tree.count, sizeof *j->subjects);
	for (size_t i = 0; i < j->tree.count; i++) {
		j->subjects[i].bundle = j->tree.items[i];
		if (!read_subject(j, &j->subjects[i], err))
			return error_context(err, "reading \"%s\"",
			                     j->tree.items[i]->path);
	}
	j->as = judge_as(&j->subjects[0]);
	return true;
}

/* ---- judging ---- */

static bool judge_all(struct judgement *j, struct error *err)
{
	if (j->as != JUDGE_DEVICE)
		report(j, &j->subjects[0],
		       j->as == JUDGE_MACOS ? "app.macos" : "app.simulator", NULL, NULL,
		       NULL);
	check_symlinks(j);
	check_duplicate_ids(j);
	/* Profiles first: code inside is measured by the profile around it. */
	for (size_t i = 0; i < j->tree.count; i++) {
		check_metadata(j, &j->subjects[i]);
		check_profile(j, &j->subjects[i]);
	}
	if (j->as == JUDGE_DEVICE) {
		check_extensions(j);
		check_watches(j);
	}
	for (size_t i = 0; i < j->tree.count; i++) {
		check_code(j, &j->subjects[i]);
		if (!check_seal(j, &j->subjects[i], err))
			return false;
	}
	check_libraries(j);
	check_ocsp_used(j);
	check_stated_requirement(j, &j->subjects[0]);
	check_store(j);
	return true;
}

static char *arch_list(const struct subject *s)
{
	char *list = mem_copy("");

	for (size_t i = 0; s->has_code && i < s->macho.count; i++) {
		char *longer = mem_format("%s%s%s", list, i > 0 ? ", " : "",
		                          macho_arch_name(&s->macho.slices[i]));
		free(list);
		list = longer;
	}
	return list;
}

static void list_items(struct verdict *out, struct judgement *j)
{
	out->items = mem_zero(j->tree.count + 1, sizeof *out->items);
	for (size_t i = 0; i < j->tree.count; i++) {
		struct subject *s = &j->subjects[i];
		const struct bundle *b = s->bundle;

		out->items[out->item_count++] = (struct verify_item){
			.path = mem_copy(b->path),
			.kind = b->kind,
			.is_process = bundle_is_process(b),
			.id = b->id != NULL ? mem_copy(b->id) : NULL,
			.profile_name =
				s->has_profile ? mem_copy(s->profile.name) : NULL,
			.archs = arch_list(s),
		};
		struct verify_item *item = &out->items[out->item_count - 1];
		item->signer_cn = STEAL(s->signer_cn);
		item->team = STEAL(s->team);
	}
}

struct verify_app {
	struct judgement j;
	struct verify_request request;
	struct verdict verdict;
};

static unsigned asked_stages(const struct verify_app *app)
{
	unsigned stages = app->request.stages;

	return stages != 0 ? stages : STAGES_DEVICE;
}

bool verify_open(struct verify_app **out, const struct container *c,
                 const struct verify_request *request, struct error *err)
{
	AUTO(drop_verify_app) struct verify_app *app = mem_zero(1, sizeof *app);

	app->request = *request;
	app->j.c = c;
	app->j.request = &app->request;
	app->j.out = &app->verdict;
	app->j.to = &app->verdict.findings;
	if (!check_crl(request, err) || !read_all(&app->j, err) ||
	    !judge_all(&app->j, err))
		return false;
	findings_keep(&app->verdict.findings, asked_stages(app));
	findings_sort(&app->verdict.findings);
	list_items(&app->verdict, &app->j);
	*out = STEAL(app);
	return true;
}

void drop_verify_app(struct verify_app **app)
{
	if (*app == NULL)
		return;
	judgement_free(&(*app)->j);
	verdict_free(&(*app)->verdict);
	free(*app);
	*app = NULL;
}

const struct verdict *verify_common(const struct verify_app *app)
{
	return &app->verdict;
}

void verify_ask(struct findings *out, struct verify_app *app,
                const struct verify_device *device)
{
	struct findings found = { 0 };

	app->j.device = device;
	app->j.to = &found;
	check_device(&app->j);
	app->j.to = NULL;
	app->j.device = NULL;
	findings_keep(&found, asked_stages(app));
	findings_sort(&found);
	*out = found;
}

bool verify_container(struct verdict *out, const struct container *c,
                      const struct verify_request *request, struct error *err)
{
	AUTO(drop_verify_app) struct verify_app *app = NULL;
	AUTO(findings_free) struct findings own = { 0 };

	if (!verify_open(&app, c, request, err))
		return false;
	verify_ask(&own, app, &request->device);
	findings_take(&app->verdict.findings, &own);
	findings_sort(&app->verdict.findings);
	app->j.device = &app->request.device;
	tell_tests(&app->j, &app->verdict);
	*out = app->verdict;
	app->verdict = (struct verdict){ 0 };
	return true;
}

void verdict_free(struct verdict *v)
{
	findings_free(&v->findings);
	for (size_t i = 0; i < v->test_count; i++)
		free(v->tests[i].text);
	for (size_t i = 0; i < v->item_count; i++) {
		struct verify_item *item = &v->items[i];

		free(item->path);
		free(item->id);
		free(item->signer_cn);
		free(item->team);
		free(item->profile_name);
		free(item->archs);
	}
	free(v->items);
	*v = (struct verdict){ 0 };
}
