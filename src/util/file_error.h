/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_error.h - what the system would not do with a file, in a text that helps.
 *
 *     int fd = open(path, O_RDONLY);
 *     if (fd < 0)
 *             return file_error_read(err, "open", path);
 *
 * errno says why.  The message is "could not open "a.p12": ..."; evidence, cause and
 * hint come from looking at the path again: which folder is missing, which file in it
 * has nearly this name, whose file it is, how full the disk is.  A file that exists
 * already (EEXIST) gets no hint: the caller knows how to replace it, if at all.
 */
#pragma once

#include "util/error.h"

#define file_error_read(err, doing, path) \
	file_error_at(err, __FILE__, __LINE__, false, doing, path)
#define file_error_write(err, doing, path) \
	file_error_at(err, __FILE__, __LINE__, true, doing, path)

/* doing: after "could not"; returns false. */
bool file_error_at(struct error *err, const char *file, int line, bool to_write,
                   const char *doing, const char *path);

/* Standard output could not be written.  Returns false. */
#define file_error_output(err) file_error_output_at(err, __FILE__, __LINE__)
bool file_error_output_at(struct error *err, const char *file, int line);

/* What is at path is in the way of a new file: ERROR_EXISTS.  Returns false. */
bool file_error_exists(struct error *err, const char *path);

/* path, which could be opened, is no regular file.  Returns false. */
bool file_error_not_regular(struct error *err, const char *path);
