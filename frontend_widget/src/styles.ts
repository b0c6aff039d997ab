// All styles of the widget, the later ones deciding.
import { cardStyles } from "./styles-card.js";
import { frameStyles } from "./styles-frame.js";
import { logStyles } from "./styles-log.js";
import { paperStyles } from "./styles-paper.js";
import { theme } from "./styles-theme.js";

export const styles = [theme, frameStyles, logStyles, cardStyles, paperStyles];
