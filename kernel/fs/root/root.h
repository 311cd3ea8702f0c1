// SPDX-License-Identifier: MIT
//
// The root file system: nodes made from the verified image as they are needed.
#pragma once

struct node;
struct verified_image;

// The root directory. NULL when the image is not what was measured.
struct node *root_mount(struct verified_image *image);
