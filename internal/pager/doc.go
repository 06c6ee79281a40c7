// Package pager reads a list that a server hands out in numbered pages, while others create and
// delete its items.
//
// It knows two ways. [Forward] keeps the order of the list and loses an item when an earlier one is
// deleted at the wrong moment, as every reader of numbered pages does. [Complete] keeps no order
// and loses none. Both stop everything when the consumer breaks, the context ends or a page fails,
// and wait for what they have started; a second range starts afresh.
//
// # What is an error
//
// Both end in a [ProtocolError] that names the page and what was wrong with it, when an answer
//
//   - has no items (null or missing, as opposed to an empty list), or more of them than its page
//     size, or one without a UID;
//   - is not the page that was asked for, or states none;
//   - states a total or a page size that is negative or beyond 31 bits, or a page size of 0 for a
//     list with items;
//   - states another page size than the first answer did. The first answer may state any: servers
//     clamp what they are asked for;
//   - lacks a pageful or more of what its own total promises, and does so again when it is read a
//     second time. That is a page in the middle which is empty or, where the server refuses it,
//     past the end. Complete takes short pages like that for an error, too; Forward reads on, and
//     loses nothing by it;
//   - has items, although the page before it has not (Forward), or has room and says that there is
//     more (Complete);
//   - repeats items of earlier pages and brings no other, and does so again at a second look,
//     unless as many were inserted meanwhile, by the total (Forward), or deleted, as the page on
//     its right shows (Complete);
//   - is full, far beyond the total: past twice its length and 1024 pages.
//
// A list may change so fast that reading it need not end. Forward gives up when it has grown to
// four times its first length and 1024 pages, and Complete when it has read eight times as many
// pages as the list had at first, and 1024.
//
// Everything else is life. A total may change between pages, lag, be too small or be too big by
// less than a page: the end is what a page that is not full proves, or an empty one. So a list
// whose last page is full costs one request more. Items that come again, because insertions pushed
// them to the right, are skipped: no UID is yielded twice. A page that is refused as past the end
// counts as empty, unless it is the first. An answer that agrees with itself and with those before
// it is believed.
//
// # Complete
//
// If the iteration ends without an error, every item that existed before the first request and
// still exists after the last was yielded exactly once. Items created meanwhile may be missing,
// items deleted meanwhile may have come, and each has the contents of the moment when its page was
// read. Breaking early voids the promise.
//
// This holds for a list in ascending order of creation, where items keep their order among
// themselves and new ones come last. Then an item that stays moves only to the left, and pages are
// read from right to left, by several walks at a time. A walk reads page after page until page 1,
// or until it meets an item that a walk further left in rank has read. The reason that nothing is
// lost, by induction on the rank:
//
//   - What stands on the walk's page or left of it, and stays, is either on the page that it reads,
//     or left of that page from then on, and so still ahead when it reads the page before. A page
//     is never read before the one on its right has been answered.
//   - When the walk meets an item y of a walk of lower rank, what is on the page is taken, and what
//     is left of y was left of y also when the other walk read it. By then it was on the other's
//     page or ahead of it. It does not matter which of the two answers came first.
//   - Meeting an item of its own or of a higher rank proves nothing, and does not end a walk.
//
// So walks may begin anywhere, and at any time, as long as the rightmost starts behind everything.
// That one starts where the total puts the end, and when the page there is full or holds less than
// its total says, another walk starts further right, 1, 2, 4, ... pages on, until a page proves the
// end. A walk that finds nothing but empty pages sends another one ahead to where the end may be
// now, and goes on itself only if that one did not find it. It must be another one, of lower rank:
// items that the first walk has read on the right may have moved in between, and a walk that meets
// those must not take what is left of them for done. And a walk that is over lets the one with the
// longest way be split in two.
//
// Cost: on a quiet list the number of pages plus the number of walks, and one more when the last
// page is full; one more for each split; about a page for each pageful that is deleted or created
// meanwhile. No clock is compared with the server's, and a slow consumer does no harm.
//
// What weakens it: an item that enters in the middle (a filter that an old item begins to match,
// access that is granted meanwhile, a transaction that commits late with an early time) pushes those
// behind it to the right, and one of them, or itself, may be missed. So may others under an order
// that updates change, or with replicas that answer from the past. Some of that shows, and is an
// [ErrUnordered]: times of creation that descend, and an item that is further right than an earlier
// answer had it.
//
// # Memory
//
// The pages in flight, and 18 bytes in a table that is at least 64 % full for each UID: 22 to 29
// bytes, and at most 32 while it grows. UIDs are compared as a whole where they are UUIDs or have
// up to 15 bytes, else by 126 bits of their SHA-256.
package pager
