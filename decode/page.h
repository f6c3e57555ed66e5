/*
 * page.h - a text that grows.
 *
 *	struct page page = {0};
 *	page_printf(&page, "calls %d\n", calls);
 *	... page.text, page.len; page.failed: memory was out, and something is missing
 *	page_clear(&page);
 */
#ifndef SYSDECODE_PAGE_H
#define SYSDECODE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

struct page {
	char *text; /* not terminated */
	size_t len, cap;
	bool failed;
};

/* Append as printf() has it. */
void page_printf(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Forget the text; page_clear() gives its memory back too. */
static inline void page_restart(struct page *page)
{
	page->len = 0;
	page->failed = false;
}

void page_clear(struct page *page);

#endif
