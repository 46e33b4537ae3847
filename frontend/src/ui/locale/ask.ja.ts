import type en from "./ask.en";

export default {
  "ask.answered": "お答え済みの質問 {count}",
  "ask.askedBy": "{count}人が質問",
  "ask.more": "ほか{count}件",
  "ask.about": "{title}について質問する",
  "ask.placeholder": "この品について質問する",
  "ask.send": "質問する",
  "ask.sent": "質問は順番待ちに入りました。お店が答えるまで、消えません。",
  "ask.shielded": "お店にだけ届きました。値段は表示のとおりです。",
} satisfies Record<keyof typeof en, string>;
