/* SPDX-License-Identifier: Apache-2.0 */
#include "util/mem.h"

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

void drop_str(char **p)
{
	free(*p);
}
