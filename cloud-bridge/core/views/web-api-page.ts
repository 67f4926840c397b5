/** A page of a longer list as the Web API shows it. Clients follow `next` as it stands, so it is absolute. Pure. */
import type { Page, PageRequest } from '../ports/catalogue.ts';

export interface WebApiPage<Item> {
  readonly href: string;
  readonly items: readonly Item[];
  readonly limit: number;
  readonly next: string | null;
  readonly offset: number;
  readonly previous: string | null;
  readonly total: number;
}

/** @param url of the list itself, absolute, with every query parameter but offset and limit */
export function viewPage<Item>(url: string, page: Page<Item>, { offset, limit }: PageRequest): WebApiPage<Item> {
  const at = (start: number) => `${url}${url.includes('?') ? '&' : '?'}offset=${start}&limit=${limit}`;
  return {
    href: at(offset),
    items: page.items,
    limit,
    next: offset + limit < page.total ? at(offset + limit) : null,
    offset,
    previous: offset > 0 ? at(Math.max(0, offset - limit)) : null,
    total: page.total,
  };
}

/** The part of a list that is all at hand. */
export function sliceOf<Item>(items: readonly Item[], { offset, limit }: PageRequest): Page<Item> {
  return { items: items.slice(offset, offset + limit), total: items.length };
}
