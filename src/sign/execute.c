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

#define INFO_MAX_BYTES ((size_t)16 << 20)

struct job {
	const struct sign_plan *plan;
	const struct container *c;
	const struct sign_request *request;
	struct overlay overlay;
};

static void job_free(struct job *job)
{
	overlay_free(&job->overlay);
}

/* Remove every file below this folder ("SC_Info/") of the bundle. */
static void remove_below(struct job *job, const struct bundle *b, const char *folder)
{
	AUTO(drop_str) char *prefix = bundle_file(b, folder);
	size_t n = strlen(prefix);

	for (size_t i = container_lower_bound(job->c, prefix); i < job->c->count; i++) {
		const struct container_file *file = &job->c->files[i];

		if (strncmp(file->path, prefix, n) != 0)
			break;
		if (file->type != CONTAINER_DIR)
			overlay_remove(&job->overlay, file->path);
	}
}

/* What an older signature left: its folder, the store's keys, the old link. */
static void remove_old_seal(struct job *job, const struct bundle *b)
{
	AUTO(drop_str) char *link = bundle_file(b, "CodeResources");

	remove_below(job, b, "_CodeSignature/");
	remove_below(job, b, "SC_Info/");
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

/* CodeResources of a bundle, put into the overlay; *out borrows from it. */
static bool seal_bundle(struct slice *out, struct job *job,
                        const struct sign_step *step, struct error *err)
{
	AUTO(drop_pl) struct pl *rules = resource_default_rules(RESOURCES_FLAT);
	AUTO(drop_pl) struct pl *rules2 = resource_default_rules2(RESOURCES_FLAT);
	AUTO(seal_files_free) struct seal_files files = { 0 };
	AUTO(buf_free) struct buf bytes = BUF_INIT(RESOURCES_MAX_BYTES);
	AUTO(drop_str) char *path = bundle_resources_path(step->bundle);
	const struct seal_overlay view = overlay_view(&job->overlay);

	if (!seal_collect(&files, job->c, step->bundle, &view, job->request->threads,
	                  err) ||
	    !resources_build(&bytes, files.items, files.count, rules, rules2,
	                     step->with_sha1, step->with_sha256, err))
		return false;
	overlay_put(&job->overlay, path, &bytes, 0644);
	*out = buf_slice(overlay_find(&job->overlay, path)->content);
	return true;
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

static bool sign_code(struct job *job, const struct sign_step *step, struct slice info,
                      struct slice resources, struct error *err)
{
	AUTO(code_parts_free)
	struct code_parts parts = { .step = step,
		                    .request = job->request,
		                    .chain = &job->plan->chain,
		                    .info = info,
		                    .resources = resources };
	AUTO(buf_free) struct buf old = BUF_INIT(CONTAINER_MAX_FILE);
	AUTO(buf_free) struct buf signed_code = BUF_INIT(CONTAINER_MAX_FILE);

	if (!make_entitlements(&parts, err) ||
	    !overlay_read(&old, &job->overlay, job->c, step->bundle->code, err) ||
	    !seal_code(&signed_code, buf_slice(&old), &parts, err))
		return false;
	/* It is there already and keeps its mode. */
	overlay_put(&job->overlay, step->bundle->code, &signed_code, 0755);
	return true;
}

static bool run_step(struct job *job, const struct sign_step *step, struct error *err)
{
	AUTO(buf_free) struct buf info = BUF_INIT(INFO_MAX_BYTES);
	AUTO(drop_str) char *info_path = NULL;
	struct slice resources = { 0 };

	if (step->bundle->kind == BUNDLE_LOOSE)
		return sign_code(job, step, (struct slice){ 0 }, resources, err);
	info_path = bundle_info_path(step->bundle);
	remove_old_seal(job, step->bundle);
	return embed_profile(job, step, err) &&
	       seal_bundle(&resources, job, step, err) &&
	       overlay_read(&info, &job->overlay, job->c, info_path, err) &&
	       sign_code(job, step, buf_slice(&info), resources, err);
}

/* An archive's own Info.plist says who signed (spec codesign.md 12). */
static bool update_archive(struct job *job, struct error *err)
{
	static const char below[] = "Products/Applications/";
	const char *at = strstr(job->c->root, below);

	if (at == NULL || job->request->identity == NULL)
		return true;
	AUTO(drop_str)
	char *path =
		mem_format("%.*sInfo.plist", (int)(at - job->c->root), job->c->root);
	AUTO(buf_free) struct buf old = BUF_INIT(INFO_MAX_BYTES);
	AUTO(buf_free) struct buf new = BUF_INIT(INFO_MAX_BYTES);
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
	pl_set(properties, "SigningIdentity",
	       pl_new_string(job->request->identity->cert.cn));
	pl_set(properties, "Team", pl_new_string(job->request->identity->cert.ou));
	pl_set(root, "ApplicationProperties", properties);
	bool ok = pl_is_binary(buf_slice(&old)) ? pl_write_binary(&new, root, err)
	                                        : pl_write_xml(&new, root, err);
	if (!ok)
		return false;
	overlay_put(&job->overlay, path, &new, 0644);
	return true;
}

bool sign_execute(const struct sign_plan *plan, const struct container *c,
                  const struct sign_request *request, const char *out_path,
                  struct error *err)
{
	AUTO(job_free) struct job job = { .plan = plan, .c = c, .request = request };

	if (access(out_path, F_OK) == 0)
		return error_set(err, ERROR_EXISTS, "\"%s\" exists already", out_path);
	for (size_t i = 0; i < plan->count; i++)
		if (!run_step(&job, &plan->steps[i], err))
			return error_context(err, "signing \"%s\"",
			                     plan->steps[i].bundle->path);
	return update_archive(&job, err) &&
	       container_rewrite(c, out_path, job.overlay.items, job.overlay.count,
	                         request->level, err);
}
