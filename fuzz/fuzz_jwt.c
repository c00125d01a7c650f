/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens: reading arbitrary bytes.
 */
#include <assert.h>
#include <openssl/err.h>
#include <stdint.h>

#include "crypto/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	AUTO(jwt_free) struct jwt jwt = { 0 };

	if (jwt_parse(&jwt, slice_of(data, size), &err)) {
		assert(json_is_object(jwt.header) && json_is_object(jwt.claims));
		assert(jwt.kid != NULL && jwt.signed_part.n < size);
		assert(!jwt_is_signed_by(&jwt, &(struct key){ 0 }));
	} else {
		assert(jwt.header == NULL && jwt.claims == NULL);
		assert(err.code == ERROR_FORMAT || err.code == ERROR_LIMIT);
	}
	assert(ERR_peek_error() == 0);
	return 0;
}
