/** A row of DELETE /images/{name}: one of the two. */
export interface DeleteResponse {
  readonly Untagged?: string
  readonly Deleted?: string
}
