/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect: what kind of file is this?  The content decides, never the name alone.
 */
#include <string.h>
#include <sys/stat.h>

#include "bundle/container.h"
#include "cli/inspect.h"
#include "crypto/csr.h"
#include "macho/read.h"
#include "util/file.h"
#include "util/sniff.h"

static bool has_text(struct slice bytes, const char *text)
{
	return slice_cut(bytes, slice_str(text), NULL, NULL);
}

static bool ends_in(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n >= m && strcmp(path + n - m, end) == 0;
}

static bool inspect_pem(struct answers *out, const char *path, struct slice bytes,
                        const struct inspect_world *world, struct error *err)
{
	if (has_text(bytes, "PRIVATE KEY-----"))
		return inspect_key(out, path, world, err);
	if (has_text(bytes, "CERTIFICATE REQUEST-----"))
		return inspect_csr(out, bytes, err);
	return inspect_cert(out, bytes, world, err);
}

static bool unknown(const char *path, struct slice bytes, struct error *err)
{
	error_set(err, ERROR_FORMAT, "\"%s\" is nothing that signing knows", path);
	sniff_evidence(err, bytes);
	error_cause(err,
	            "It is damaged, encrypted as a whole, or another kind of file.");
	return error_hint(err, "Look at its first bytes: xxd \"%s\" | head -3", path);
}

/*
 * DER says little about itself: try the kinds that it may be, most telling first.
 * Where none fits, the name decides whose error is shown.
 */
static bool inspect_der(struct answers *out, const char *path, struct slice bytes,
                        const struct inspect_world *world, struct error *err)
{
	struct error ignored = { 0 };

	if (ends_in(path, ".p12") || ends_in(path, ".pfx"))
		return inspect_p12(out, path, world, err);
	if (ends_in(path, ".mobileprovision") || ends_in(path, ".provisionprofile"))
		return inspect_profile(out, bytes, world, err);
	if (inspect_cert(out, bytes, world, &ignored))
		return true;
	error_clear(&ignored);
	if (inspect_csr(out, bytes, &ignored))
		return true;
	error_clear(&ignored);
	if (inspect_profile(out, bytes, world, &ignored))
		return true;
	error_clear(&ignored);
	if (inspect_key(out, path, world, &ignored))
		return true;
	error_clear(&ignored);
	if (inspect_p12(out, path, world, &ignored))
		return true;
	if (ignored.code == ERROR_AUTH) {
		*err = ignored;
		return false;
	}
	return unknown(path, bytes, err);
}

static bool is_code(struct slice bytes)
{
	enum macho_magic magic = macho_sniff(bytes);

	return magic == MACHO_THIN || magic == MACHO_FAT || magic == MACHO_BIG_ENDIAN;
}

static bool inspect_bytes(struct answers *out, const char *path, struct slice bytes,
                          const struct inspect_world *world, struct error *err)
{
	if (zip_looks_like(bytes) || is_code(bytes))
		return inspect_app(out, path, world, err);
	if (bytes.n > PROFILE_MAX_BYTES)
		return unknown(path, bytes, err);
	if (has_text(bytes, "-----BEGIN "))
		return inspect_pem(out, path, bytes, world, err);
	if (ends_in(path, ".mobileprovision") || ends_in(path, ".provisionprofile"))
		return inspect_profile(out, bytes, world, err);
	if (pl_looks_like(bytes))
		return inspect_plist(out, bytes, err);
	if (bytes.n > 0 && bytes.p[0] == 0x30)
		return inspect_der(out, path, bytes, world, err);
	return unknown(path, bytes, err);
}

bool inspect_file(struct answers *out, const char *path,
                  const struct inspect_world *world, struct error *err)
{
	struct stat st;
	AUTO(file_unmap) struct file_map map = { 0 };

	out->file = path;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return inspect_app(out, path, world, err);
	if (!file_map(&map, path, err))
		return false;
	return inspect_bytes(out, path, map.bytes, world, err);
}
