/** Emoji short names that an incident channel meets. An unknown name stays as text. */

const TABLE = `
rotating_light 🚨|warning ⚠️|white_check_mark ✅|fire 🔥|eyes 👀|large_green_circle 🟢|red_circle 🔴|large_yellow_circle 🟡
large_orange_circle 🟠|large_blue_circle 🔵|large_purple_circle 🟣|white_circle ⚪|black_circle ⚫|large_brown_circle 🟤
large_red_square 🟥|large_orange_square 🟧|large_yellow_square 🟨|large_green_square 🟩|large_blue_square 🟦|white_large_square ⬜|black_large_square ⬛
large_orange_diamond 🔶|large_blue_diamond 🔷|small_orange_diamond 🔸|small_blue_diamond 🔹|small_red_triangle 🔺|small_red_triangle_down 🔻
x ❌|negative_squared_cross_mark ❎|heavy_check_mark ✔️|ballot_box_with_check ☑️|heavy_exclamation_mark ❗|exclamation ❗|bangbang ‼️|question ❓|grey_question ❔
no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑|stop_sign 🛑|construction 🚧|sos 🆘|bell 🔔|no_bell 🔕|loudspeaker 📢|mega 📣|speaker 🔈|mute 🔇
information_source ℹ️|bulb 💡|zap ⚡|boom 💥|collision 💥|bomb 💣|skull 💀|ghost 👻|bug 🐛|beetle 🐞|snail 🐌|turtle 🐢|rocket 🚀|ship 🚢|fire_engine 🚒|ambulance 🚑|fire_extinguisher 🧯
hourglass ⌛|hourglass_flowing_sand ⏳|alarm_clock ⏰|stopwatch ⏱️|timer_clock ⏲️|clock1 🕐|clock3 🕒|clock9 🕘|watch ⌚|calendar 📆|date 📅|spiral_calendar_pad 🗓️
arrow_up ⬆️|arrow_down ⬇️|arrow_right ➡️|arrow_left ⬅️|arrow_upper_right ↗️|arrow_lower_right ↘️|arrow_heading_up ⤴️|arrow_heading_down ⤵️|arrow_double_up ⏫|arrow_up_small 🔼|arrow_down_small 🔽|arrows_counterclockwise 🔄|arrows_clockwise 🔃|leftwards_arrow_with_hook ↩️|arrow_right_hook ↪️|twisted_rightwards_arrows 🔀|repeat 🔁
double_vertical_bar ⏸️|pause_button ⏸️|arrow_forward ▶️|black_square_for_stop ⏹️|fast_forward ⏩|rewind ⏪|black_right_pointing_double_triangle_with_vertical_bar ⏭️|next_track_button ⏭️
chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|bar_chart 📊|clipboard 📋|memo 📝|pencil 📝|pencil2 ✏️|notebook 📓|book 📖|books 📚|bookmark 🔖|label 🏷️|pushpin 📌|round_pushpin 📍|paperclip 📎|link 🔗|scroll 📜|page_facing_up 📄|newspaper 📰|file_folder 📁|card_index_dividers 🗂️|inbox_tray 📥|outbox_tray 📤|envelope ✉️|email 📧|e-mail 📧|incoming_envelope 📨|package 📦|mag 🔍|mag_right 🔎
lock 🔒|unlock 🔓|key 🔑|shield 🛡️|gear ⚙️|wrench 🔧|hammer 🔨|hammer_and_wrench 🛠️|tools 🛠️|toolbox 🧰|nut_and_bolt 🔩|electric_plug 🔌|battery 🔋|computer 💻|desktop_computer 🖥️|floppy_disk 💾|satellite 🛰️|satellite_antenna 📡|phone ☎️|telephone_receiver 📞|iphone 📱|pager 📟|robot_face 🤖|globe_with_meridians 🌐|cloud ☁️|thermometer 🌡️|test_tube 🧪|microscope 🔬|compass 🧭|anchor ⚓|ladder 🪜|parachute 🪂
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|clap 👏|raised_hands 🙌|pray 🙏|muscle 💪|wave 👋|raised_hand ✋|hand ✋|point_right 👉|point_left 👈|point_up ☝️|point_up_2 👆|point_down 👇|handshake 🤝|v ✌️|crossed_fingers 🤞|writing_hand ✍️|call_me_hand 🤙|100 💯
smile 😄|smiley 😃|grinning 😀|grin 😁|joy 😂|rofl 🤣|slightly_smiling_face 🙂|upside_down_face 🙃|wink 😉|blush 😊|heart_eyes 😍|sunglasses 😎|thinking_face 🤔|neutral_face 😐|expressionless 😑|face_with_rolling_eyes 🙄|sweat_smile 😅|sweat 😓|cold_sweat 😰|scream 😱|sob 😭|cry 😢|tired_face 😫|weary 😩|sleeping 😴|zzz 💤|rage 😡|angry 😠|exploding_head 🤯|face_with_monocle 🧐|nerd_face 🤓|shrug 🤷|face_palm 🤦|facepalm 🤦|partying_face 🥳|saluting_face 🫡|melting_face 🫠
tada 🎉|confetti_ball 🎊|sparkles ✨|star ⭐|star2 🌟|trophy 🏆|medal 🏅|first_place_medal 🥇|dart 🎯|checkered_flag 🏁|triangular_flag_on_post 🚩|white_flag 🏳️|crown 👑|gem 💎|gift 🎁|coffee ☕|pizza 🍕|beer 🍺|popcorn 🍿|heart ❤️|green_heart 💚|yellow_heart 💛|orange_heart 🧡|blue_heart 💙|broken_heart 💔
sunny ☀️|crescent_moon 🌙|full_moon 🌕|rainbow 🌈|snowflake ❄️|ocean 🌊|tornado 🌪️|earth_americas 🌎|earth_africa 🌍|sunrise 🌅|bridge_at_night 🌉|house 🏠|office 🏢|factory 🏭
bust_in_silhouette 👤|busts_in_silhouette 👥|speech_balloon 💬|thought_balloon 💭|left_speech_bubble 🗨️|man 👨|woman 👩|male-technologist 👨‍💻|female-technologist 👩‍💻|technologist 🧑‍💻|firefighter 🧑‍🚒|male-firefighter 👨‍🚒|detective 🕵️|sleuth_or_spy 🕵️|superhero 🦸|guardsman 💂|cop 👮
zero 0️⃣|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|six 6️⃣|seven 7️⃣|eight 8️⃣|nine 9️⃣|keycap_ten 🔟|hash #️⃣|new 🆕|up 🆙|ok 🆗|cool 🆒|free 🆓|heavy_plus_sign ➕|heavy_minus_sign ➖|heavy_multiplication_x ✖️|recycle ♻️|infinity ♾️|bellhop_bell 🛎️|passport_control 🛂|vertical_traffic_light 🚦|traffic_light 🚥|oncoming_police_car 🚔|helicopter 🚁|airplane ✈️|car 🚗|moneybag 💰|money_with_wings 💸|credit_card 💳|shopping_trolley 🛒|shopping_cart 🛒|seedling 🌱|evergreen_tree 🌲|dog 🐶|cat 🐱|unicorn_face 🦄|bird 🐦|owl 🦉|monkey_face 🐵|see_no_evil 🙈|hear_no_evil 🙉|speak_no_evil 🙊`;

const NAMES = new Map(
  TABLE.trim().split(/[|\n]/).map((entry) => {
    const gap = entry.indexOf(" ");
    return [entry.slice(0, gap), entry.slice(gap + 1)];
  }),
);

/** The character of `:name:`; `::skin-tone-2` and alike are ignored. */
export const emojiFor = (name) => NAMES.get(name.split("::")[0]) ?? null;

export const QUICK_REACTIONS = ["eyes", "white_check_mark", "pushpin", "+1", "raised_hands", "fire", "tada", "pray", "question"];

export const emojiStarting = (prefix) => [...NAMES].filter(([name]) => name.startsWith(prefix));
