/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed messages: reading and checking arbitrary bytes.
 */
#include <assert.h>
#include <stdint.h>

#include "crypto/cms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(const struct cms *cms)
{
	struct error err = { 0 };

	assert(cms->certs.count <= CMS_MAX_CERTS && cms->attr_count <= CMS_MAX_ATTRS);
	assert(cms->signer_cert < (ptrdiff_t)cms->certs.count);
	assert(cms->has_content || cms->content.n == 0);
	for (size_t i = 0; i < cms->attr_count; i++)
		assert(cms_attr(cms, cms->attrs[i].oid) != NULL);
	if (cms_check(cms, cms->content, &err))
		assert(cms->signer_cert >= 0 && err.code == ERROR_NONE);
	else
		assert(err.code != ERROR_NONE && err.message[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	if (cms_parse(&cms, slice_of(data, size), &err))
		check_message(&cms);
	else
		assert(cms.info == NULL && err.message[0] != '\0');
	return 0;
}
