/** Buttons of the board. They bounce, and are told as they are: what a press is, is decided in the core. */
export interface ButtonEdge {
  /** Which of those that were named when the panel was made, from 0. */
  readonly button: number;
  readonly isPressed: boolean;
}

export interface ButtonListener {
  edge(edge: ButtonEdge): void;
  /** Nothing more comes of this listening; it can be begun again. Once at most. */
  lost(reason: string): void;
}

export interface ButtonPanel {
  /** Those that are held down already are told when they are let go. One listener at a time. */
  listen(listener: ButtonListener): void;
  /** Nothing is told any more; resolves when what listened has ended. Twice is harmless. */
  close(): Promise<void>;
}
