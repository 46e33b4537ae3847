/** How many of each title were sold, from orders that still stand. */
export function soldByTitle(orders: { title: string; quantity: number; state: string }[]): Map<string, number> {
  const sold = new Map<string, number>();
  for (const { title, quantity, state } of orders) {
    if (state === "cancelled" || state === "refunded") continue;
    sold.set(title, (sold.get(title) ?? 0) + quantity);
  }
  return sold;
}
