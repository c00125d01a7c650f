/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carrying a plan out: deepest bundle first, each one's profile and nested code
 * final before its own seal is made (spec codesign.md 6.6, 12).
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codesign/entitlements.h"
#include "codesign/resources.h"
#include "sign/execute_impl.h"
#include "util/mem.h"
#include "util/pool.h"

#define INFO_MAX_BYTES ((size_t)16 << 20)

/* What a step makes; put into the overlay when all of its depth are done. */
struct made {
	const struct sign_step *step;
	struct buf resources;
	struct signed_code code;
};

struct job {
	const struct sign_plan *plan;
	const struct container *c;
	const struct sign_request *request;
	struct overlay overlay;
	struct made *made; /* of the steps of one depth */
	size_t made_count;
};

static void made_free(struct job *job)
{
	for (size_t i = 0; i < job->made_count; i++) {
		struct made *made = &job->made[i];

		buf_free(&made->resources);
		if (made->code.code != NULL)
			newcode_free(made->code.code);
		free(made->code.code);
	}
	free(job->made);
	job->made = NULL;
	job->made_count = 0;
}

static void job_free(struct job *job)
{
	made_free(job);
	overlay_free(&job->overlay);
}

/* Remove every file below "SOME/FOLDER/". */
static void remove_below(struct job *job, const char *prefix)
{
	size_t n = strlen(prefix);

	for (size_t i = container_lower_bound(job->c, prefix); i < job->c->count; i++) {
		const struct container_file *file = &job->c->files[i];

		if (strncmp(file->path, prefix, n) != 0)
			break;
		overlay_remove(&job->overlay, file->path);
	}
}

static void remove_folder(struct job *job, const char *path)
{
	AUTO(drop_str) char *below = mem_format("%s/", path);

	remove_below(job, below);
	if (container_find(job->c, path) != NULL)
		overlay_remove(&job->overlay, path);
}

/* Is there a file below the folder that stays? */
static bool has_files(const struct job *job, const char *folder)
{
	AUTO(drop_str) char *below = mem_format("%s/", folder);
	size_t n = strlen(below);

	for (size_t i = container_lower_bound(job->c, below); i < job->c->count; i++) {
		const struct container_file *file = &job->c->files[i];

		if (strncmp(file->path, below, n) != 0)
			return false;
		if (file->type != CONTAINER_DIR &&
		    overlay_find(&job->overlay, file->path) == NULL)
			return true;
	}
	return false;
}

/* Extensions and the like that the plan does without, and "PlugIns" once empty. */
static void remove_bundles(struct job *job)
{
	const struct sign_plan *plan = job->plan;

	for (size_t i = 0; i < plan->removed_count; i++)
		remove_folder(job, plan->removed[i]->path);
	AUTO(drop_str) char *last = mem_copy("");
	for (size_t i = 0; i < plan->removed_count; i++) {
		const char *path = plan->removed[i]->path;
		const char *slash = strrchr(path, '/');
		size_t n = slash != NULL ? (size_t)(slash - path) : 0;

		/* Those of one folder stand together. */
		if (n == 0 || (strncmp(last, path, n) == 0 && last[n] == '\0'))
			continue;
		drop_str(&last);
		last = mem_str(path, n);
		if (!has_files(job, last))
			remove_folder(job, last);
	}
}

/* What an older signature left: its folder, the store's keys, the old link. */
static void remove_old_seal(struct job *job, const struct bundle *b)
{
	AUTO(drop_str) char *link = bundle_file(b, "CodeResources");
	AUTO(drop_str) char *seal = bundle_file(b, "_CodeSignature/");
	AUTO(drop_str) char *keys = bundle_file(b, "SC_Info/");

	remove_below(job, seal);
	remove_below(job, keys);
	if (container_find(job->c, link) != NULL)
		overlay_remove(&job->overlay, link);
}

static bool embed_profile(struct job *job, const struct sign_step *step,
                          struct error *err)
{
	if (step->profile == NULL)
		return true;
	AUTO(drop_str) char *path = bundle_profile_path(step->bundle);
	AUTO(buf_free) struct buf bytes = BUF_INIT(PROFILE_MAX_BYTES);
	if (!buf_append(&bytes, step->profile->bytes, err))
		return false;
	overlay_put(&job->overlay, path, &bytes, 0644);
	return true;
}

/* CodeResources of a bundle. */
static bool seal_bundle(struct buf *out, const struct job *job,
                        const struct sign_step *step, struct error *err)
{
	AUTO(drop_pl) struct pl *rules = resource_default_rules(RESOURCES_FLAT);
	AUTO(drop_pl) struct pl *rules2 = resource_default_rules2(RESOURCES_FLAT);
	AUTO(seal_files_free) struct seal_files files = { 0 };
	const struct seal_overlay view = overlay_view(&job->overlay);

	*out = BUF_INIT(RESOURCES_MAX_BYTES);
	return seal_collect(&files, &job->plan->scan, step->bundle, &view, err) &&
	       resources_build(out, files.items, files.count, rules, rules2,
	                       step->with_sha1, step->with_sha256, err);
}

static bool make_entitlements(struct code_parts *parts, struct error *err)
{
	const struct pl *entitlements = parts->step->entitlements;

	parts->xml = BUF_INIT(ENTITLEMENTS_MAX_BYTES);
	parts->der = BUF_INIT(ENTITLEMENTS_MAX_BYTES);
	if (entitlements == NULL)
		return true;
	return entitlements_build_xml(&parts->xml, entitlements, err) &&
	       entitlements_build_der(&parts->der, entitlements, err);
}

static void code_parts_free(struct code_parts *parts)
{
	buf_free(&parts->xml);
	buf_free(&parts->der);
}

/* Info.plist as it will be: a special slot hashes it. */
static bool read_info(struct buf *out, const struct job *job, const struct bundle *b,
                      struct error *err)
{
	*out = BUF_INIT(INFO_MAX_BYTES);
	if (b->kind == BUNDLE_LOOSE)
		return true;
	AUTO(drop_str) char *path = bundle_info_path(b);
	return overlay_read(out, &job->overlay, job->c, path, err);
}

static bool sign_code(struct made *made, const struct job *job, struct error *err)
{
	AUTO(buf_free) struct buf info = { 0 };
	const struct sign_step *step = made->step;
	struct code *old =
		scan_find(&job->plan->scan, container_find(job->c, step->bundle->code))
			->code;

	if (!read_info(&info, job, step->bundle, err))
		return false;
	AUTO(code_parts_free)
	struct code_parts parts = { .step = step,
		                    .request = job->request,
		                    .chain = &job->plan->chain,
		                    .info = buf_slice(&info),
		                    .resources = buf_slice(&made->resources) };
	made->code.code = mem_zero(1, sizeof *made->code.code);
	newcode_init(made->code.code, old);
	if (!make_entitlements(&parts, err) ||
	    !seal_code(made->code.code, old, &parts, err))
		return false;
	/* The app's own executable is in nobody's seal. */
	if (step->bundle->depth == 0)
		return true;
	if (!newcode_hash(&old->made, made->code.code, err))
		return false;
	memcpy(made->code.sha1, old->made.sha1, sizeof made->code.sha1);
	memcpy(made->code.sha256, old->made.sha256, sizeof made->code.sha256);
	return true;
}

static bool run_step(void *ctx, size_t i, struct error *err)
{
	const struct job *job = ctx;
	struct made *made = &job->made[i];

	if ((made->step->bundle->kind != BUNDLE_LOOSE &&
	     !seal_bundle(&made->resources, job, made->step, err)) ||
	    !sign_code(made, job, err))
		return error_context(err, "signing \"%s\"", made->step->bundle->path);
	return true;
}

/* Write a property list in the form that the old file has: binary or XML. */
static bool put_list(struct job *job, const char *path, const struct pl *root,
                     struct error *err)
{
	AUTO(buf_free) struct buf old = BUF_INIT(INFO_MAX_BYTES);
	AUTO(buf_free) struct buf new = BUF_INIT(INFO_MAX_BYTES);

	if (!overlay_read(&old, &job->overlay, job->c, path, err))
		return false;
	bool ok = pl_is_binary(buf_slice(&old)) ? pl_write_binary(&new, root, err)
	                                        : pl_write_xml(&new, root, err);
	if (!ok)
		return error_context(err, "writing \"%s\"", path);
	overlay_put(&job->overlay, path, &new, 0644);
	return true;
}

static bool edit_info(struct job *job, const struct sign_step *step, struct error *err)
{
	if (step->info == NULL)
		return true;
	AUTO(drop_str) char *path = bundle_info_path(step->bundle);
	return put_list(job, path, step->info, err);
}

/* What does not depend on what is inside. */
static bool begin_step(struct job *job, const struct sign_step *step, struct error *err)
{
	if (step->bundle->kind == BUNDLE_LOOSE)
		return true;
	remove_old_seal(job, step->bundle);
	return edit_info(job, step, err) && embed_profile(job, step, err);
}

static void end_step(struct job *job, struct made *made)
{
	const struct bundle *b = made->step->bundle;

	/* It is there already and keeps its mode. */
	overlay_put_code(&job->overlay, b->code, &made->code, 0755);
	if (b->kind == BUNDLE_LOOSE)
		return;
	AUTO(drop_str) char *path = bundle_resources_path(b);
	overlay_put(&job->overlay, path, &made->resources, 0644);
}

/* All of one depth: they do not depend on each other. */
static bool run_depth(struct job *job, size_t depth, struct error *err)
{
	const struct sign_plan *plan = job->plan;

	job->made = mem_zero(plan->count, sizeof *job->made);
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].bundle->depth == depth)
			job->made[job->made_count++].step = &plan->steps[i];
	if (!pool_run(job->request->threads, job->made_count, run_step, job, err))
		return false;
	for (size_t i = 0; i < job->made_count; i++)
		end_step(job, &job->made[i]);
	made_free(job);
	return true;
}

/* The app's values that its archive repeats. */
static void repeat_edits(struct pl *properties, const struct sign_step *app)
{
	for (size_t i = 0; i < app->edit_count; i++)
		if (pl_get(properties, app->edits[i].key) != NULL)
			pl_set(properties, app->edits[i].key,
			       pl_new_string(app->edits[i].to));
}

/* An archive's own Info.plist says who signed what (spec codesign.md 12). */
static bool update_archive(struct job *job, struct error *err)
{
	static const char below[] = "Products/Applications/";
	const char *at = strstr(job->c->root, below);
	const struct sign_step *app = &job->plan->steps[job->plan->count - 1];
	const struct identity *identity = job->request->identity;

	if (at == NULL || (identity == NULL && app->edit_count == 0))
		return true;
	AUTO(drop_str)
	char *path =
		mem_format("%.*sInfo.plist", (int)(at - job->c->root), job->c->root);
	AUTO(buf_free) struct buf old = BUF_INIT(INFO_MAX_BYTES);
	AUTO(drop_pl) struct pl *root = NULL;
	if (container_find(job->c, path) == NULL)
		return true;
	if (!overlay_read(&old, &job->overlay, job->c, path, err) ||
	    !pl_parse(&root, buf_slice(&old), "Info.plist", err))
		return error_context(err, "reading the archive's \"%s\"", path);
	if (root->type != PL_DICT)
		return error_set(err, ERROR_FORMAT, "\"%s\" is not a dictionary", path);
	const struct pl *found = pl_get_type(root, "ApplicationProperties", PL_DICT);
	struct pl *properties = found != NULL ? pl_copy(found) : pl_new_dict();
	repeat_edits(properties, app);
	if (identity != NULL) {
		pl_set(properties, "SigningIdentity", pl_new_string(identity->cert.cn));
		pl_set(properties, "Team", pl_new_string(identity->cert.ou));
	}
	pl_set(root, "ApplicationProperties", properties);
	return put_list(job, path, root, err);
}

bool sign_execute(const struct sign_plan *plan, const struct container *c,
                  const struct sign_request *request, const char *out_path,
                  struct error *err)
{
	AUTO(job_free) struct job job = { .plan = plan, .c = c, .request = request };
	size_t deepest = 0;

	if (access(out_path, F_OK) == 0)
		return error_set(err, ERROR_EXISTS, "\"%s\" exists already", out_path);
	remove_bundles(&job);
	for (size_t i = 0; i < plan->count; i++) {
		size_t depth = plan->steps[i].bundle->depth;

		deepest = depth > deepest ? depth : deepest;
		if (!begin_step(&job, &plan->steps[i], err))
			return false;
	}
	for (size_t depth = deepest + 1; depth-- > 0;)
		if (!run_depth(&job, depth, err))
			return false;
	return update_archive(&job, err) &&
	       container_rewrite(c, out_path, job.overlay.items, job.overlay.count,
	                         request->level, request->threads, err);
}
