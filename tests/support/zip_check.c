/* SPDX-License-Identifier: Apache-2.0 */
#include "support/zip_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

bool zip_is_refused(struct slice file, enum error_code code, const char *text,
                    const char *name)
{
	struct error err = { 0 };
	AUTO(zip_free) struct zip zip = { 0 };
	AUTO(drop_str) char *copy = mem_resize(NULL, file.n + (file.n == 0));

	if (file.n > 0)
		memcpy(copy, file.p, file.n);
	if (zip_parse(&zip, slice_of(copy, file.n), &err)) {
		printf("# accepted, but should be refused: %s\n", text);
		return false;
	}
	bool ok = zip.entries == NULL && err.code == code &&
	          strstr(err.message, text) != NULL &&
	          (name == NULL || strstr(err.evidence, name) != NULL);
	if (!ok) {
		printf("# wanted \"%s\" about \"%s\"\n", text,
		       name != NULL ? name : "");
		error_print(&err, stdout, true);
	}
	return ok;
}

bool zip_is_good(struct slice file)
{
	struct error err = { 0 };
	AUTO(zip_free) struct zip zip = { 0 };
	AUTO(drop_str) char *copy = mem_resize(NULL, file.n + (file.n == 0));

	if (file.n > 0)
		memcpy(copy, file.p, file.n);
	bool ok = zip_parse(&zip, slice_of(copy, file.n), &err);
	for (size_t i = 0; ok && i < zip.count; i++) {
		AUTO(buf_free) struct buf content = BUF_INIT(TINY_ZIP_MAX_BYTES);

		ok = zip.entries[i].type == ZIP_DIR ||
		     (zip_read(&content, &zip, &zip.entries[i], &err) &&
		      content.n == zip.entries[i].size);
	}
	if (!ok)
		error_print(&err, stdout, true);
	return ok;
}

const struct zip_entry *zip_named(const struct zip *zip, const char *name)
{
	for (size_t i = 0; i < zip->count; i++)
		if (strcmp(zip->entries[i].name, name) == 0)
			return &zip->entries[i];
	return NULL;
}

char *zip_text(const struct zip *zip, const char *name)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf content = BUF_INIT(TINY_ZIP_MAX_BYTES);
	const struct zip_entry *e = zip_named(zip, name);

	if (e == NULL) {
		printf("# no entry \"%s\"\n", name);
		return NULL;
	}
	if (!zip_read(&content, zip, e, &err)) {
		error_print(&err, stdout, true);
		return NULL;
	}
	return mem_str(content.n > 0 ? (const void *)content.p : "", content.n);
}
