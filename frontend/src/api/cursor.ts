/** Cursor pages: the service answers whole addresses in `next`; the client asks with the cursor alone. */

export function readCursor(next: string | null | undefined): string | undefined {
  if (next === null || next === undefined || next === '') return undefined
  return new URL(next, window.location.origin).searchParams.get('cursor') ?? undefined
}
