/** Questions about one thing, where it is looked at. */
export default {
  "ask.answered": "Answered question|Answered questions {count}",
  "ask.askedBy": "asked by {count} person|asked by {count} people",
  "ask.more": "{count} more",
  "ask.about": "Ask about {title}",
  "ask.placeholder": "Ask about this",
  "ask.send": "Ask",
  "ask.sent": "Your question is in the queue. It stays until the stall answers.",
  "ask.shielded": "Only the stall sees this. Prices are as marked.",
} as const;
