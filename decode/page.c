/* page.c - see page.h */
#include "page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAP 16384

/* Room for so many bytes more, and the NUL that vsnprintf() writes. */
static bool reserve(struct page *page, size_t more)
{
	size_t cap = page->cap ? page->cap : FIRST_CAP;
	char *text;

	if (page->len + more < page->cap)
		return true;
	while (cap <= page->len + more)
		cap += cap / 4; /* pages are few and large */
	text = realloc(page->text, cap);
	if (!text)
		return false;
	page->text = text;
	page->cap = cap;
	return true;
}

__attribute__((format(printf, 2, 0))) static int print(struct page *page, const char *format, va_list list)
{
	return vsnprintf(page->text ? page->text + page->len : NULL, page->cap - page->len, format, list);
}

void page_printf(struct page *page, const char *format, ...)
{
	va_list list, again;
	int n;

	va_start(list, format);
	va_copy(again, list);
	n = print(page, format, list);
	if (n >= 0 && (size_t)n >= page->cap - page->len)
		n = reserve(page, (size_t)n) ? print(page, format, again) : -1;
	va_end(again);
	va_end(list);
	if (n < 0)
		page->failed = true;
	else
		page->len += (size_t)n;
}

void page_clear(struct page *page)
{
	free(page->text);
	*page = (struct page){0};
}
