/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a bundle is called, and where its files are.
 */
#include "bundle/bundle.h"
#include "util/mem.h"

static const char *const kind_names[] = {
	[BUNDLE_APP] = "app",
	[BUNDLE_WATCH_APP] = "watch app",
	[BUNDLE_CLIP] = "app clip",
	[BUNDLE_APPEX] = "extension",
	[BUNDLE_XPC] = "XPC service",
	[BUNDLE_FRAMEWORK] = "framework",
	[BUNDLE_XCTEST] = "test bundle",
	[BUNDLE_PLAIN] = "bundle",
	[BUNDLE_LOOSE] = "code file",
};

const char *bundle_kind_name(enum bundle_kind kind)
{
	return kind_names[kind];
}

bool bundle_is_process(const struct bundle *b)
{
	switch (b->kind) {
	case BUNDLE_APP:
	case BUNDLE_WATCH_APP:
	case BUNDLE_CLIP:
	case BUNDLE_APPEX:
	case BUNDLE_XPC:
		return true;
	default:
		return false;
	}
}

static char *join(const char *folder, const char *name)
{
	return folder[0] != '\0' ? mem_format("%s/%s", folder, name) : mem_copy(name);
}

char *bundle_file(const struct bundle *b, const char *name)
{
	return join(b->path, name);
}

char *bundle_resources_path(const struct bundle *b)
{
	return bundle_file(b, b->is_deep ? "Contents/_CodeSignature/CodeResources"
	                                 : "_CodeSignature/CodeResources");
}

char *bundle_seal_root(const struct bundle *b)
{
	return mem_format("%s%s%s", b->path, b->path[0] != '\0' ? "/" : "",
	                  b->is_deep ? "Contents/" : "");
}

char *bundle_info_path(const struct bundle *b)
{
	return bundle_file(b, b->is_deep ? "Contents/Info.plist" : "Info.plist");
}

char *bundle_profile_path(const struct bundle *b)
{
	return bundle_file(b, b->is_deep ? "Contents/embedded.provisionprofile"
	                                 : "embedded.mobileprovision");
}
