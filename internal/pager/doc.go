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
// Both stop when the consumer leaves the loop, when the context ends, and when a page fails.
// They cancel the requests in flight and wait for them. A second range starts afresh. No UID
// is yielded twice.
//
// A panic of UID, Created, OnPage or the consumer passes through to the caller, after the
// requests have ended. Fetch runs on other goroutines, so a panic there ends the program.
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
//   - at page 1, or
//   - at a page with an item that a walk of lower rank has read: a handover.
//
// The first walk reads page 1, which tells the total. The others spread over the list. The
// rightmost one is the probe. It starts at the page where the total puts the end. If that
// page is full, or its total says that more items follow, the next probe starts 1, 2, 4, ...
// pages further right, until a page shows the end.
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
// and at any time. No clock is compared with the server's, and a slow consumer does no harm.
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
// # Cost
//
// On a list that does not change, Forward reads each page once. Complete reads one page more
// for each walk. There are as many walks as requests in flight, but more than 8 only on a
// list with at least 10 pages for each. Both read one more if the last page is full. Under changes, Complete
// reads about a page more for each page of items that is created or deleted meanwhile. A list
// that shrinks is still read from its former end. Walks are not moved or split while they
// read: over 10,200 simulated lists that saved no requests (bench/drift).
//
// Memory is the pages in flight and a key for each UID. UIDs are compared by 128 bits of their
// SHA-256, which take 22 to 43 bytes in a map; see uidKey.
//
// # Errors
//
// Both end with the error of Fetch if a page fails. A page that is refused as past the end
// (List.Beyond) counts as empty, unless it is page 1 or the first page read.
//
// Both end with a [ProtocolError] in the following cases. It names the page and the problem.
// A short page has fewer items than its page size. "Lacks a page" means: the total of the
// response puts at least a page of items right of the last item of this page.
//
//	the response                                                          Forward  Complete
//	has no items (null or missing), more than its page size,
//	  or one without a UID                                                yes      yes
//	is not the requested page, or states no page number                   yes      yes
//	states a total that is negative or needs more than 31 bits            yes      yes
//	states a page size like that, or of 0 with a total or items           yes      yes
//	states another page size than the first response                      yes      yes
//	is empty or refused, and lacks a page, also when read again           yes      yes
//	is short and lacks a page, also when read again                       no       yes
//	has items, although the page before it is empty                       yes      no
//	has items, although an earlier page is short and its total says
//	  that more items follow, also when both are read again               no       yes
//	has only items of other pages, also when read again, and no
//	  insertion or deletion explains it (see below)                       yes      yes
//	shows that the list goes on past twice its total and 1024 pages       yes      yes
//
// The explanation of a page without new items is, for Forward, that the total has grown by as
// many items, give or take half a page. They were inserted further left and moved the items of this
// page to the right. After 8 such pages in a row Forward gives up. For Complete, the
// explanation is that the page on the right no longer has these items. They moved to the left.
//
// Both give up on a list that changes so fast that reading it may never end:
//
//	Forward     has read 4 times as many items as the list had at first, and 4096 pages more
//	Complete    has read 8 times as many pages as the list had at first, and 8192 more
//
// The following are tolerated:
//
//   - A total that changes between pages, is late, is too small, or is too big by less than a
//     page. The end of a list is a short page, not a total. So a list whose last page is
//     full costs one more request. Forward also ends at the second empty page in a row.
//   - A page size that differs from the requested one on the first response. Servers clamp it.
//   - Items that come again because insertions moved them to the right. They are skipped.
//   - Short pages in the middle, by Forward.
package pager
