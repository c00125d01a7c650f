/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compiler.h - the few GNU C extensions this project allows, by name.
 *
 * gcc and clang both have them; nothing else in the tree uses an extension
 * directly.
 */
#pragma once

/* The caller has to look at the result. */
#define NODISCARD __attribute__((warn_unused_result))

/* Arguments are a printf format and its values; the compiler checks them. */
#define PRINTF_LIKE(fmt_index, first_value) \
	__attribute__((format(printf, fmt_index, first_value)))

/*
 * Release a variable when it goes out of scope, however that happens.
 * `release` takes a pointer to the variable:
 *
 *     AUTO(buf_free) struct buf text = BUF_INIT(4096);
 *     AUTO(drop_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
 *
 * Always initialise the variable on the same line.  Hand ownership on with
 * STEAL(), as the last thing before `return true`.  A variable that is only there to be
 * released is no unused one.
 */
#define AUTO(release) __attribute__((cleanup(release), unused))

/* The value of pointer `p`, which becomes NULL: ownership moves. */
#define STEAL(p)                             \
	__extension__({                      \
		__typeof__(p) stolen_ = (p); \
		(p) = NULL;                  \
		stolen_;                     \
	})

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* May use these instructions, whatever the rest is compiled for: ask the processor
 * before calling it. */
#define TARGET(features) __attribute__((target(features)))

/* A static function that is part of whoever calls it. */
#define ALWAYS_INLINE __attribute__((always_inline)) static inline
