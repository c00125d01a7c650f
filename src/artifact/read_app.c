/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apps in any container, and Mach-O files of their own: what each bundle says.
 */
#include <stdlib.h>
#include <string.h>

#include "artifact/artifact_impl.h"
#include "codesign/entitlements.h"
#include "codesign/signature.h"
#include "macho/read.h"
#include "util/mem.h"
#include "util/pool.h"

void artifact_bundle_free(struct artifact_bundle *b)
{
	free(b->path);
	free(b->id);
	free(b->identifier);
	free(b->name);
	free(b->version);
	free(b->build);
	free(b->problem);
	if (b->signer != NULL)
		artifact_cert_free(b->signer);
	free(b->signer);
	free(b->archs);
	pl_free(b->entitlements);
	artifact_profile_free(b->profile);
	free(b->profile_problem);
}

/* What went wrong, as a text; *err is clear again. */
static char *take_text(struct error *err)
{
	char *text = mem_copy(err->message);

	error_clear(err);
	return text;
}

static void set_problem(struct artifact_bundle *b, char *text)
{
	free(b->problem);
	b->problem = text;
}

static char *archs_of(const struct macho *m)
{
	char archs[MACHO_MAX_SLICES * 16] = "";
	size_t used = 0;

	for (size_t i = 0; i < m->count && used < sizeof archs - 16; i++)
		used += (size_t)snprintf(archs + used, sizeof archs - used, "%s%s",
		                         i > 0 ? ", " : "",
		                         macho_arch_name(&m->slices[i]));
	return mem_copy(archs);
}

static void read_entitlements(struct artifact_bundle *b, const struct signature *s)
{
	struct error why = { 0 };

	/* Devices of today look at the DER form only. */
	if (s->entitlements_der.n > 0 &&
	    !entitlements_parse_der(&b->entitlements, s->entitlements_der, &why))
		error_clear(&why);
	if (b->entitlements == NULL && s->entitlements_xml.n > 0 &&
	    !entitlements_parse_xml(&b->entitlements, s->entitlements_xml, &why))
		error_clear(&why);
	if (b->entitlements == NULL &&
	    s->entitlements_der.n + s->entitlements_xml.n > 0)
		set_problem(b, mem_copy("its entitlements cannot be read"));
}

static void read_signer(struct artifact_bundle *b, const struct signature *s,
                        const struct trust *trust)
{
	struct error why = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	b->seal = ARTIFACT_UNREADABLE;
	if (!cms_parse(&cms, blob_payload(s->cms), &why)) {
		set_problem(b, take_text(&why));
		return;
	}
	if (cms.signer_cert < 0) {
		set_problem(b, mem_copy("the signer's certificate is not in the "
		                        "signature"));
		return;
	}
	b->seal = ARTIFACT_SIGNED;
	b->signed_s = cms.signing_time_s;
	b->signer = mem_zero(1, sizeof *b->signer);
	artifact_cert_fill(b->signer, &cms.certs.items[cms.signer_cert], &cms.certs,
	                   trust);
}

static void read_signature(struct artifact_bundle *b, struct slice area,
                           const struct trust *trust)
{
	struct error why = { 0 };
	struct signature s;

	if (area.n == 0)
		return;
	if (!signature_parse(&s, area, &why)) {
		b->seal = ARTIFACT_UNREADABLE;
		set_problem(b, take_text(&why));
		return;
	}
	b->identifier = mem_copy(s.cds.cds[s.cds.best].identifier);
	b->seal = ARTIFACT_ADHOC;
	if (!s.is_adhoc)
		read_signer(b, &s, trust);
	read_entitlements(b, &s);
}

static void read_code(struct artifact_bundle *b, const struct bundle *from,
                      const struct scan *scan, const struct trust *trust)
{
	const struct container_file *file = container_find(scan->c, from->code);

	if (file == NULL || file->type != CONTAINER_FILE) {
		set_problem(b, mem_format("executable \"%s\" is missing", from->code));
		return;
	}
	const struct scan_file *scanned = scan_find(scan, file);
	if (scanned->code == NULL) {
		set_problem(b, mem_copy(scanned->broken != NULL ? scanned->broken
		                                                : "not a Mach-O file"));
		return;
	}
	const struct macho *m = &scanned->code->m;
	/* The last slice is the one that today's devices run. */
	const struct macho_slice *s = &m->slices[m->count - 1];
	b->archs = archs_of(m);
	b->platform = s->platform;
	macho_version_text(b->min_os, s->min_os);
	read_signature(b, macho_signature(s), trust);
}

static void read_profile(struct artifact_bundle *b, const struct bundle *from,
                         const struct container *c, const struct artifact_how *how)
{
	struct error why = { 0 };
	AUTO(drop_str) char *path = bundle_profile_path(from);
	AUTO(buf_free) struct buf bytes = BUF_INIT(PROFILE_MAX_BYTES);
	const struct container_file *file = container_find(c, path);

	if (file == NULL || file->type != CONTAINER_FILE)
		return;
	if (!container_read(&bytes, c, file, &why) ||
	    !artifact_profile_read(&b->profile, buf_slice(&bytes), how, &why))
		b->profile_problem = take_text(&why);
}

static char *info_text(const struct bundle *from, const char *key)
{
	const char *text = pl_string(from->info, key);

	return text != NULL ? mem_copy(text) : NULL;
}

static void read_bundle(struct artifact_bundle *b, const struct bundle *from,
                        const struct scan *scan, const struct artifact_how *how)
{
	b->path = mem_copy(from->path);
	b->kind = from->kind;
	b->depth = from->depth;
	b->id = from->id != NULL ? mem_copy(from->id) : NULL;
	b->name = info_text(from, "CFBundleDisplayName");
	if (b->name == NULL)
		b->name = info_text(from, "CFBundleName");
	b->version = info_text(from, "CFBundleShortVersionString");
	b->build = info_text(from, "CFBundleVersion");
	if (from->problem != NULL) {
		set_problem(b, mem_copy(from->problem_text));
		return;
	}
	read_code(b, from, scan, how->trust);
	if (bundle_is_process(from))
		read_profile(b, from, scan->c, how);
}

bool artifact_read_app(struct artifact *a, const char *path,
                       const struct artifact_how *how, struct error *err)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(bundle_tree_free) struct bundle_tree tree = { 0 };
	AUTO(scan_free) struct scan scan = { 0 };
	const struct scan_how scan_how = {
		.page_size = CODE_PAGE_SIZE,
		.only_code = true,
		.threads = how->threads > 0 ? how->threads : pool_default_threads()
	};

	if (!container_open(&c, path, err) || !scan_app(&scan, &c, &scan_how, err) ||
	    !bundle_find(&tree, &c, &scan, err))
		return false;
	a->container = c.kind;
	a->bundles = mem_zero(tree.count, sizeof *a->bundles);
	for (; a->bundle_count < tree.count; a->bundle_count++)
		read_bundle(&a->bundles[a->bundle_count], tree.items[a->bundle_count],
		            &scan, how);
	return true;
}
