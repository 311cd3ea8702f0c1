# SPDX-License-Identifier: MIT
# What people type. meson builds, in build/meson; what is built is put in place as an installation: build/bin, build/lib/mystikos, ...
#
#   make          build            make install   copy to $(DESTDIR)$(PREFIX)
#   make demo     the first minute make deb       a Debian package in build/
#   make test     all tests        make clean
#   make bench    measurements
PREFIX ?= /opt/mystikos
DESTDIR ?=

top := $(CURDIR)
build := $(top)/build
meson := $(build)/meson
installed := bin lib include share
version = $(shell sed -n "s/^project.* version: '\([^']*\)'.*/\1/p" meson.build)

.PHONY: all demo test bench install deb clean build-dependencies test-dependencies
.DELETE_ON_ERROR:

all: $(meson)/build.ninja
	ninja -C $(meson)
	@meson install -C $(meson) --no-rebuild --quiet

# Reconfigured by ninja itself when a meson.build changes; made anew when the tree was moved.
$(meson)/build.ninja: | build-dependencies
	meson setup $(meson) --prefix=$(build)

build-dependencies:
	@tools/dependencies build
test-dependencies:
	@tools/dependencies test

demo: all
	@tools/demo

test: test-dependencies all
	@meson test -C $(meson) --no-rebuild --print-errorlogs; tools/test-summary $(meson)/meson-logs/testlog.json

bench: all
	@meson test -C $(meson) --no-rebuild --benchmark --verbose

install: $(meson)/build.ninja
	@test -x $(build)/bin/myst || { echo "nothing is built yet: run make first" >&2; exit 1; }
	install -d "$(DESTDIR)$(PREFIX)"
	cd $(build) && for part in $(installed); do test ! -e $$part || cp -R $$part "$(DESTDIR)$(PREFIX)/" || exit 1; done

deb: all
	@tools/deb '$(build)' '$(version)'

clean:
	rm -rf $(build)
