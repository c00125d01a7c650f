/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mem.h - allocation that cannot fail.
 *
 * Running out of memory aborts: no caller could do anything better, and code
 * for it would never be tested.  What outsiders can make large is bounded
 * before we allocate (see `max` in buf.h), and that is an ordinary error.
 *
 * Release with free().  Secrets do not belong here: see crypto/secret.h.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "util/compiler.h"

void *mem_resize(void *p, size_t n); /* p may be NULL; n > 0 */

/* n * size bytes of zeros; n and size > 0; aborts if the product overflows. */
void *mem_zero(size_t n, size_t size);

/* A NUL-terminated copy of n bytes. */
char *mem_str(const void *p, size_t n);

/* A copy of a string. */
char *mem_copy(const char *s);

/* printf into new memory. */
PRINTF_LIKE(1, 2)
char *mem_format(const char *fmt, ...);

PRINTF_LIKE(1, 0)
char *mem_vformat(const char *fmt, va_list ap);

/*
 * Room for one more in an array of *cap elements of which n are used: returns
 * the array, moved when it had to grow (it doubles).
 */
void *mem_grow(void *array, size_t n, size_t *cap, size_t element_size);

/*
 * Sort n elements of `size` bytes; compare gets ctx.  Stable; O(n log n).  (qsort_r
 * has two shapes in the world.)
 */
void mem_sort(void *array, size_t n, size_t size,
              int (*compare)(const void *a, const void *b, const void *ctx),
              const void *ctx);

/* free() for what is const to everybody but its owner. */
void mem_free(const void *p);

/* For AUTO(): frees what the variable points to. */
void drop_str(char **p);
