/* SPDX-License-Identifier: Apache-2.0 */
/*
 * artifact_sniff() and artifact_parse() on arbitrary bytes.  The first byte picks the
 * name.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "artifact/artifact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
	"x",
	"x.cer",
	"x.p12",
	"x.key",
	"x.csr",
	"x.mobileprovision",
	"x.entitlements",
	"ExportOptions.plist",
	"Info.plist",
	"x.ipa",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct trust nobody;
	static bool is_set_up;
	const struct artifact_how how = { .trust = &nobody };
	AUTO(artifact_free) struct artifact a = { 0 };
	struct error err = { 0 };

	if (!is_set_up && !secret_setup(&err))
		abort();
	is_set_up = true;
	if (size == 0)
		return 0;
	struct slice bytes = slice_of(data + 1, size - 1);
	enum artifact_kind kind = artifact_sniff(bytes);
	if (!artifact_parse(&a, names[data[0] % ARRAY_LEN(names)], bytes, &how, &err)) {
		assert(err.message[0] != 0 && a.path == NULL && a.ends == NULL);
		return 0;
	}
	/* What the content says is not overruled, but by entitlements. */
	assert(kind == a.kind || kind == ARTIFACT_UNKNOWN ||
	       a.kind == ARTIFACT_ENTITLEMENTS);
	for (size_t i = 1; i < a.end_count; i++)
		assert(a.ends[i - 1].until_s <= a.ends[i].until_s);
	artifact_app_id(&a);
	artifact_export(&a);
	return 0;
}
