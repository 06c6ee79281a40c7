// Package pager reads a list from numbered pages, while other clients create and delete its
// items.
//
// There are two ways to read:
//
//	            order of the items     an item that is deleted meanwhile
//	Forward     the list's             can hide a later item
//	Complete    none                   hides no other item
//
// Forward shares its weakness with every reader that goes from page to page. When an item of
// a page that was read is deleted, the first item of the next page moves to the page that was
// read.
//
// Both end without an error only if the items that they yielded account for the latest total;
// see "Totals". Both stop when the consumer leaves the loop, when the context ends, and when a
// page fails. They cancel the requests in flight and wait for them. A second range starts afresh.
// No UID is yielded twice.
//
// A panic of Fetch, UID, Created, OnPage or the consumer reaches the caller, after the requests
// have ended. Fetch runs on other goroutines; the consumer's goroutine panics with the same value.
//
// # What Complete guarantees
//
// If the iteration ends without an error, every item that existed before the first request
// and still exists after the last was yielded exactly once. An item that was created or
// deleted meanwhile may be yielded or not. Each item has the contents of the moment when its
// page was read. Leaving the loop early voids the guarantee.
//
// The list must be in ascending order of creation: items keep their order among themselves,
// and new items come last. Then an item that stays moves only to the left, when items before
// it are deleted. Complete reads from right to left, toward the items that move.
//
// # How Complete reads
//
// Several walks read at a time. Each starts at a page of its own and goes left, one page at a
// time. A walk requests a page only after the response for the page on its right. The walks
// are ranked from left to right. A walk ends
//
//   - at page 1,
//   - at a page with an item that a walk of lower rank has read: a handover, or
//   - at its first page, if that is empty.
//
// The first walk reads page 1, which tells the total. The others spread over the list. The
// rightmost one is the probe. It starts at the page where the total puts the end. The search for
// the end goes on from its page:
//
//   - A full page, or one with another total: the next probe is 1, 2, 4, ... pages further
//     right, or where the total puts the end.
//   - An empty page: the next probe is where the total puts the end. If the total contradicts the
//     empty page, the probe halves the distance to the rightmost page with items.
//   - A short page whose last item is the last of the total, or a page with items before one that
//     was known to be empty: the list ends there.
//
// A walk that comes to an empty page goes on at the page before it.
//
// # Why nothing is lost
//
// Call an item lasting if it exists from before the first request until after the last. The
// claim: when a walk reads a page, every lasting item on that page or left of it is yielded,
// by this walk or by one of lower rank. Assume the claim for all walks of lower rank, and take a
// lasting item x.
//
//  1. x is on the page. Then it is yielded now, or it has been.
//  2. x is left of the page, and the walk goes on. The request for the next page on the left
//     comes later, and x moves only to the left meanwhile. So x is on the next page or left of it.
//     The same three cases apply there. Left of page 1 there is nothing.
//  3. x is left of the page, and the walk ends at an item y that a walk of lower rank has
//     read. x is left of y now, so it was left of y when the other walk read y. So it was on the
//     page of the other walk or left of it, and the claim holds for that walk.
//
// The order in which responses arrive plays no part in this. An item that the walk itself or
// one of higher rank has read proves nothing about what is left of it, and ends no walk.
//
// The last probe has read a page that ends the list. Every lasting item was on it or left of
// it, and the claim for the probe completes the proof. Walks may therefore start at any page
// and at any time, and a walk may skip the pages right of one that was empty before. No clock is
// compared with the server's, and a slow consumer does no harm.
//
// # What weakens the guarantee
//
//   - An item that enters in the middle moves the items behind it to the right, and one of
//     them, or itself, may be missed. It can be an old item that begins to match a filter, one to
//     which access is granted, or one of a transaction that commits late with an early time.
//   - An order that updates change.
//   - Replicas that return an older state.
//
// Some of this can be seen. Complete returns [ErrUnordered] if times of creation descend, and
// if an item is further right than an earlier response had it.
//
// # Totals
//
// A server that lists a page and counts the list at the same moment never contradicts itself. A
// short page, with fewer items than the page size, is then the last one, and its last item is the
// last of the total. What other servers do is dealt with as follows.
//
// A short page whose total says that the list goes on is read again, until it agrees with its
// total or two looks show the same; three if the list has changed before, and 8 at most. If a later
// total agrees with an earlier look, the total was late, and that look counts. If the
// page stays short, and no page had more items, the server grants fewer items than it
// states. Else the page has too few items. The iteration goes on, to yield what there is, but
// Forward ends at an empty page.
//
// A page that is refused as past the end (List.Beyond) counts as empty if the total of page 1,
// read anew, agrees with that. Page 1 and the first page read are never past the end.
//
// When all pages are read, the items yielded, and those left of the first page, must be as many
// as the latest total. If some are missing, one more look at the last page, or at the one
// with too few items, shows the latest total. If items are still missing and no page has too few,
// pages have overlapped: items were inserted further left, or the order is not stable. Then all
// pages are read again, twice at most, until nothing is missing. If the list grows during such a
// pass, three times as many items may be missing. If that does not help, or if the page still has
// too few items, the iteration ends with an [IncompleteError].
//
// # Cost
//
// On a list that does not change, Forward reads each page once. Complete reads one page more
// for each walk. There are as many walks as requests in flight, but more than 8 only on a
// list with at least 10 pages for each. Both read one more if the last page may be full: if it has
// as many items as the largest page, and the server does not state a larger page size. Under
// changes, Complete reads about a page more for each page of items that is created or deleted
// meanwhile. Walks are not moved or split while they read: over 10,200 simulated lists that saved
// no requests (bench/drift). Forward reads more if several requests are in flight while items are
// deleted or created, because pages then overlap: all pages may be read up to three times.
//
// Memory is the pages in flight and a key for each UID. UIDs are compared by 128 bits of their
// SHA-256, which take 22 to 43 bytes in a map; see uidKey.
//
// # Errors
//
// Both end with the error of Fetch if a page fails, and with a [ProtocolError] in the following
// cases. It names the page and the problem.
//
//	the response                                                          Forward  Complete
//	has no items (null or missing), more than its page size,
//	  or one without a UID                                                yes      yes
//	states another page number than the requested one                     yes      yes
//	states none, although the first response has stated its own           yes      yes
//	states a total or a page size that is negative or needs more
//	  than 31 bits                                                        yes      yes
//	states a page size of 0 with items                                    yes      yes
//	states another page size than the first response                      yes      yes
//	is refused as past the end, although the total of page 1 puts
//	  items there, also when both are read again                          yes      yes
//	has the same items as the 8 pages before it, and the total, of no
//	  fewer items than were yielded, does not grow                        yes      no
//	has only items of pages further left, also when read again            no       yes
//
// Both end with a ProtocolError when they have read 8 times as many pages as the list had at
// first, and 1000 more, or as many without a new item. A list that grows so fast may have no end.
//
// The following are tolerated:
//
//   - A total that changes between pages, is missing, too small or late. The end of a list is a
//     page, not a total.
//   - A page size that differs from the requested one. Servers clamp it.
//   - A page size that is larger than the pages that the server grants, or missing on an empty page.
//   - A page size that is the number of items on the page, if the totals are right.
//   - A page number that is missing on all pages.
//   - Items that come again because insertions moved them to the right. They are skipped.
//   - An item that comes twice on a page. It counts twice, as in the total.
package pager
