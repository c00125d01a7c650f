/* SPDX-License-Identifier: Apache-2.0 */
#include "util/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(void)
{
	fputs("fatal: out of memory\n", stderr);
	abort();
}

void *mem_resize(void *p, size_t n)
{
	void *resized = realloc(p, n);

	if (resized == NULL)
		die();
	return resized;
}

void *mem_zero(size_t n, size_t size)
{
	if (n > SIZE_MAX / size)
		die();

	void *p = mem_resize(NULL, n * size);
	memset(p, 0, n * size);
	return p;
}

char *mem_str(const void *p, size_t n)
{
	char *copy = mem_resize(NULL, n + 1);

	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

char *mem_copy(const char *s)
{
	return mem_str(s, strlen(s));
}

char *mem_vformat(const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		die();

	char *text = mem_resize(NULL, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	return text;
}

char *mem_format(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *text = mem_vformat(fmt, ap);
	va_end(ap);
	return text;
}

void *mem_grow(void *array, size_t n, size_t *cap, size_t element_size)
{
	if (n < *cap)
		return array;

	size_t grown = *cap < 8 ? 8 : *cap * 2;
	if (grown > SIZE_MAX / element_size)
		die();
	array = mem_resize(array, grown * element_size);
	*cap = grown;
	return array;
}

/* Merge the sorted runs [0, left) and [left, n) of from into to. */
static void merge(unsigned char *to, const unsigned char *from, size_t left, size_t n,
                  size_t size, int (*compare)(const void *, const void *, const void *),
                  const void *ctx)
{
	size_t a = 0, b = left;

	for (size_t k = 0; k < n; k++) {
		bool take_a =
			b >= n || (a < left &&
		                   compare(from + a * size, from + b * size, ctx) <= 0);
		size_t source = take_a ? a++ : b++;

		memcpy(to + k * size, from + source * size, size);
	}
}

void mem_sort(void *array, size_t n, size_t size,
              int (*compare)(const void *a, const void *b, const void *ctx),
              const void *ctx)
{
	if (n < 2)
		return;
	unsigned char *p = array, *other = mem_zero(n, size);
	for (size_t run = 1; run < n; run *= 2) {
		for (size_t at = 0; at < n; at += 2 * run) {
			size_t count = n - at < 2 * run ? n - at : 2 * run;
			size_t left = count < run ? count : run;

			merge(other + at * size, p + at * size, left, count, size,
			      compare, ctx);
		}
		memcpy(p, other, n * size);
	}
	free(other);
}

void mem_free(const void *p)
{
	void *owned;

	memcpy(&owned, &p, sizeof owned);
	free(owned);
}

void drop_str(char **p)
{
	free(*p);
}
