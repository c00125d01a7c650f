/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <assert.h>
#include <stdlib.h>

#include "util/mem.h"

void http_answer_header(struct http_answer *a, const char *name, const char *fmt, ...)
{
	va_list ap;

	assert(a->header_count < ARRAY_LEN(a->headers));
	va_start(ap, fmt);
	a->headers[a->header_count++] =
		(struct http_header){ .name = name, .value = mem_vformat(fmt, ap) };
	va_end(ap);
}

void http_answer_free(struct http_answer *a)
{
	for (size_t i = 0; i < a->header_count; i++)
		free(a->headers[i].value);
	buf_free(&a->body);
	*a = (struct http_answer){ 0 };
}
