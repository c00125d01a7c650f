/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_impl.h - record layouts of ZIP files, for zip_*.c only (APPNOTE 6.3).
 */
#pragma once

#define ZIP_LOCAL_SIGNATURE   0x04034b50U
#define ZIP_CENTRAL_SIGNATURE 0x02014b50U
#define ZIP_END_SIGNATURE     0x06054b50U
#define ZIP_END64_SIGNATURE   0x06064b50U
#define ZIP_LOC64_SIGNATURE   0x07064b50U

#define ZIP_LOCAL_BYTES       30 /* fixed parts */
#define ZIP_CENTRAL_BYTES     46
#define ZIP_END_BYTES         22
#define ZIP_END64_BYTES       56
#define ZIP_LOC64_BYTES       20

#define ZIP_EXTRA_ZIP64       0x0001U

#define ZIP_FLAG_ENCRYPTED    0x0001U
#define ZIP_FLAG_DESCRIPTOR   0x0008U
#define ZIP_FLAG_UTF8         0x0800U

#define ZIP_STORED            0
#define ZIP_DEFLATE           8

#define ZIP_HOST_UNIX         3
#define ZIP_HOST_DARWIN       19

/* Unix file types in the upper half of the external attributes. */
#define ZIP_S_IFMT  0170000U
#define ZIP_S_IFDIR 0040000U
#define ZIP_S_IFREG 0100000U
#define ZIP_S_IFLNK 0120000U
