/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the code of a bundle says before it is signed, and what must not be signed.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "codesign/entitlements.h"
#include "codesign/signature.h"
#include "macho/layout.h"
#include "sign/plan_impl.h"
#include "util/mem.h"

void old_code_free(struct old_code *old)
{
	pl_free(old->entitlements);
	free(old->identifier);
	*old = (struct old_code){ 0 };
}

bool refuse_bundle(struct error *err, const struct bundle *b, const char *reason,
                   const char *what, const char *cause)
{
	error_set(err, ERROR_FORMAT, "\"%s\" cannot be signed: %s", b->path, what);
	error_evidence(err, "%s in \"%s\"", reason, b->code);
	return error_cause(err, "%s", cause);
}

static bool check_slice(const struct macho_slice *s, const struct bundle *b,
                        struct error *err)
{
	if (s->has_encryption_info && s->cryptid != 0) {
		refuse_bundle(
			err, b, "macho.encrypted", "its code is encrypted",
			"It comes from the App Store: only devices of the buyer can run "
			"it.");
		return error_hint(err,
		                  "Sign the build that was uploaded, not the one that "
		                  "was downloaded.");
	}
	if (macho_platform_is_simulator(s->platform)) {
		refuse_bundle(
			err, b, "app.simulator", "it is built for the simulator",
			"Simulators take no signature; a device needs a device build.");
		return error_hint(err, "xcodebuild -sdk iphoneos archive");
	}
	if (s->platform == MACHO_PLATFORM_MACOS ||
	    s->platform == MACHO_PLATFORM_CATALYST) {
		refuse_bundle(err, b, "app.macos", "it is built for macOS",
		              "Sealring signs for iOS, tvOS, watchOS and visionOS.");
		return error_hint(err, "codesign signs Mac apps.");
	}
	return true;
}

/* Is there a place for a signature?  Its size does not matter yet. */
static bool check_room(const struct macho_slice *s, const struct bundle *b,
                       struct error *err)
{
	AUTO(macho_layout_free) struct macho_layout layout = { 0 };

	return macho_layout_slice(&layout, s, 1, err) ||
	       error_context(err, "looking at the %s code of \"%s\"",
	                     macho_arch_name(s), b->code);
}

/* What an old signature claimed; a broken one claims nothing. */
static void read_old_signature(struct old_code *out, const struct macho_slice *s)
{
	struct error ignored = { 0 };
	struct signature signature;
	struct slice area = macho_signature(s);

	if (area.n == 0 || !signature_parse(&signature, area, &ignored))
		return;
	if (out->identifier == NULL)
		out->identifier = mem_copy(signature.cds.cds[0].identifier);
	if (out->entitlements != NULL)
		return;
	if (signature.entitlements_der.n > 0 &&
	    entitlements_parse_der(&out->entitlements, signature.entitlements_der,
	                           &ignored))
		return;
	error_clear(&ignored);
	if (signature.entitlements_xml.n > 0 &&
	    !entitlements_parse_xml(&out->entitlements, signature.entitlements_xml,
	                            &ignored))
		error_clear(&ignored);
}

/* The code as it was scanned; false: it is no sound Mach-O file. */
static bool find_code(const struct code **out, const struct scan *scan,
                      const struct bundle *b, struct error *err)
{
	const struct container_file *file = container_find(scan->c, b->code);

	if (file == NULL || file->type != CONTAINER_FILE)
		return refuse_bundle(
			err, b, "bundle.no-executable", "its executable is missing",
			"CFBundleExecutable names a file that is not there.");
	const struct scan_file *scanned = scan_find(scan, file);
	*out = scanned->code;
	if (*out != NULL)
		return true;
	return refuse_bundle(err, b, "macho.malformed",
	                     scanned->broken != NULL ? scanned->broken
	                                             : "it is no Mach-O file",
	                     "It is damaged, cut short, or made to break readers.");
}

bool old_code_read(struct old_code *out, const struct scan *scan,
                   const struct bundle *b, struct error *err)
{
	AUTO(old_code_free) struct old_code old = { 0 };
	const struct code *code = NULL;

	if (!find_code(&code, scan, b, err))
		return false;
	assert(code != NULL);
	if (!macho_is_signable(&code->m))
		return refuse_bundle(
			err, b, "macho.not-signable",
			"it is no executable, library or bundle",
			"Object files and static libraries carry no signature.");
	for (size_t i = 0; i < code->m.count; i++) {
		const struct macho_slice *s = &code->m.slices[i];

		if (!check_slice(s, b, err) || !check_room(s, b, err))
			return false;
		old.needs_sha1 |= code_needs_sha1(s);
		old.is_main |= macho_is_main(s);
		read_old_signature(&old, s);
	}
	*out = old;
	old = (struct old_code){ 0 };
	return true;
}
